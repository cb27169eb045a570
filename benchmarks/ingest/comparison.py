"""All pipelines in one run: each in turn, several rounds, so that whatever else the machine does falls on all of them."""

import asyncio
import itertools
import platform
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from benchmarks.ingest.figures import Figures, Run, summarise
from benchmarks.ingest.measuring import Load, measure
from benchmarks.ingest.peer_environment import REQUIREMENTS, quixstreams_python
from benchmarks.ingest.pipelines import OURS, Pipeline
from benchmarks.ingest.servers import Servers
from benchmarks.ingest.traffic import TrafficSpec, records
from embedded.artifacts import KAFKA_VERSION, POSTGRES_VERSION

BATCH = 2_000
WARM = 2 * BATCH


def make_load(events: int, *, seed: int = 1, warm: int = WARM, batch: int = BATCH) -> Load:
    """A warm-up and so many events, from yesterday noon on, when the tables have their partitions."""
    noon = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    made = itertools.islice(records(TrafficSpec(seed=seed, start=noon)), warm + events)
    return Load(list(made), warm, batch)


def compare(servers: Servers, pipelines: Sequence[Pipeline], load: Load, *, rounds: int) -> list[Figures]:
    """The figures of each pipeline, in the order given. The COPY bound needs one of ours before it."""
    peer_python = quixstreams_python() if any(pipeline.own_python for pipeline in pipelines) else Path()
    return asyncio.run(_compare(servers, pipelines, load, rounds, peer_python))


async def _compare(
    servers: Servers, pipelines: Sequence[Pipeline], load: Load, rounds: int, peer_python: Path
) -> list[Figures]:
    runs: dict[str, list[Run]] = defaultdict(list)
    finished = ""
    for number, pipeline in itertools.product(range(1, rounds + 1), pipelines):
        dsn = await servers.new_database()
        run = await measure(servers, pipeline, load, dsn, peer_python=peer_python, source_dsn=finished)
        runs[pipeline.name].append(run)
        print(f"round {number}/{rounds}  {describe(pipeline.name, run)}", flush=True)
        if pipeline.name in OURS and not finished:
            finished = dsn  # its rows are what the COPY bound copies
        else:
            await servers.drop_database(dsn)
    return [summarise(pipeline.name, runs[pipeline.name]) for pipeline in pipelines]


def describe(name: str, run: Run) -> str:
    """One run in a line."""
    return (
        f"{name:<18} {run.events:>7,} events {run.events / run.wall_seconds:>9,.0f}/s"
        f"  worker {run.worker_seconds / run.events * 1e6:>7.1f}  postgres {run.postgres_seconds / run.events * 1e6:>7.1f}"
        f"  broker {run.broker_seconds / run.events * 1e6:>6.1f} us/event  peak {run.peak_mb:>4.0f} MB"
    )


def versions() -> str:
    """What ran, in a line."""
    ours = ", ".join(
        f"{package} {version(package)}" for package in ("faust-streaming", "aiokafka", "asyncpg", "msgspec")
    )
    peer = ", ".join(
        line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ).replace("==", " ")
    return (
        f"Kafka {KAFKA_VERSION}, PostgreSQL {POSTGRES_VERSION}, Python {platform.python_version()}, {ours}; "
        f"the peer's environment: {peer}"
    )
