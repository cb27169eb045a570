"""The seven pipelines by name: how each is started, what it is measured on, what it does not do."""

import asyncio
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ingest.peers.task import Task
from embedded.child import Child, ChildSpec
from embedded.ports import LOOPBACK, free_port

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """`share` of the events are enough to measure a slow one. `source` is set for our worker, `peer` for the others."""

    name: str
    lacks: str
    share: float = 1.0
    source: str | None = None
    peer: str | None = None
    reads_kafka: bool = True
    own_python: bool = False


PIPELINES: tuple[Pipeline, ...] = (
    Pipeline(name="bitacora-faust", source="faust", lacks="nothing: the worker as it is run"),
    Pipeline(name="bitacora-aiokafka", source="aiokafka", lacks="nothing: the worker as it is run"),
    Pipeline(
        name="stock-faust",
        peer="stock_faust",
        share=0.5,
        lacks="checkpoints, fence, dead letters, repeats; loses the events of an agent that raises",
    ),
    Pipeline(
        name="quixstreams-sink",
        peer="quixstreams_sink",
        own_python=True,
        lacks="conversations, contacts, statuses, any index or key, repeats, dead letters: one table of raw rows",
    ),
    Pipeline(
        name="row-per-event",
        peer="row_per_event",
        share=0.05,
        lacks="fence, dead letters, repeats",
    ),
    Pipeline(
        name="copy-bound",
        peer="copy_bound",
        reads_kafka=False,
        lacks="Kafka, decoding, reading what is there, every update: only the rows that are left in the end",
    ),
    Pipeline(name="consume-bound", peer="consume_bound", lacks="everything but reading Kafka"),
)
OURS = tuple(pipeline.name for pipeline in PIPELINES if pipeline.source is not None)


def named(names: Sequence[str]) -> list[Pipeline]:
    """The pipelines of these names, in the order of the list; all of them when none is named. ValueError."""
    known = {pipeline.name for pipeline in PIPELINES}
    if strange := set(names) - known:
        raise ValueError(
            f"no such pipeline: {', '.join(sorted(strange))}; there are {', '.join(sorted(known))}"
        )
    return [pipeline for pipeline in PIPELINES if not names or pipeline.name in names]


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker of ours that has been started, and the port on which it says how it is."""

    child: Child
    health_port: int

    def is_ready(self) -> bool:
        """Whether it says that it reads partitions."""
        try:
            with urllib.request.urlopen(
                f"http://{LOOPBACK}:{self.health_port}/health/ready", timeout=2
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def start_worker(source: str, task: Task, *, folder: str = "", upkeep: bool = False) -> Worker:
    """Our real worker process, by its settings; `folder` is its own where several share a task."""
    port = free_port()
    settings = {
        "BITACORA_KAFKA_BOOTSTRAP": task.bootstrap,
        "BITACORA_POSTGRES_DSN": task.dsn,
        "BITACORA_DATA_DIR": folder or task.folder,
        "BITACORA_INGEST_TOPIC": task.topic,
        "BITACORA_INGEST_GROUP": task.group,
        "BITACORA_INGEST_SOURCE": source,
        "BITACORA_INGEST_BATCH_RECORDS": str(task.batch),
        "BITACORA_INGEST_SESSION_TIMEOUT_SECONDS": "80",  # it is stopped while its topic is filled
        "BITACORA_INGEST_UPKEEP": str(upkeep).lower(),
        "BITACORA_INGEST_HEALTH_PORT": str(port),
    }
    command = [sys.executable, "-m", "services.ingest"]
    return Worker(_start("worker", command, Path(folder or task.folder), settings), port)


def start_peer(pipeline: Pipeline, task: Task, *, peer_python: Path) -> Child:
    """A peer or a bound, with its task."""
    file = Path(task.folder) / "task.json"
    task.write(file)
    python = str(peer_python) if pipeline.own_python else sys.executable
    return _start(
        pipeline.name,
        [python, "-m", f"benchmarks.ingest.peers.{pipeline.peer}", str(file)],
        Path(task.folder),
        {},
    )


def _start(name: str, command: Sequence[str], folder: Path, settings: dict[str, str]) -> Child:
    env = {key: value for key, value in os.environ.items() if not key.startswith("BITACORA_")}
    env["PYTHONPATH"] = os.pathsep.join(str(REPOSITORY / part) for part in (".", "schemas", "producer"))
    return Child(
        ChildSpec(name=name, command=command, log=folder / f"{name}.log", env=env | settings, cwd=REPOSITORY)
    )


@asynccontextmanager
async def stopped_at_last(children: Sequence[Child]) -> AsyncIterator[None]:
    """Ends the processes, frozen ones too, whatever happens."""
    try:
        yield
    finally:
        for child in children:
            child.send(signal.SIGCONT)
            await asyncio.to_thread(child.stop, 20)
