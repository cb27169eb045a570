"""All pipelines in one run: each in turn, several rounds, so that whatever else the machine does falls on all of them."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.ingest.figures import Figures, Run, as_ratios, as_table, markdown_table, summarise
from benchmarks.ingest.measuring import Load, measure
from benchmarks.ingest.page import versions
from benchmarks.ingest.peer_environment import quixstreams_python
from benchmarks.ingest.pipelines import OURS, Pipeline
from benchmarks.ingest.servers import Servers
from benchmarks.ingest.traffic import TrafficSpec, records
from services.ingest.settings import IngestSettings

BATCH: int = IngestSettings.model_fields["ingest_batch_records"].default
"""What our worker takes by default; everybody gets the same."""
WARM = 2 * BATCH
COPIES = "copy-bound"


def make_load(events: int, *, seed: int = 1, warm: int = WARM, batch: int = BATCH) -> Load:
    """A warm-up and so many events, from yesterday noon on, when the tables have their partitions."""
    noon = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    made = itertools.islice(records(TrafficSpec(seed=seed, start=noon)), warm + events)
    return Load(list(made), warm, batch)


def compare(servers: Servers, pipelines: Sequence[Pipeline], load: Load, *, rounds: int) -> list[Figures]:
    """The figures of each pipeline, in the order given. ValueError when the COPY bound has none of ours before it."""
    names = [pipeline.name for pipeline in pipelines]
    if COPIES in names and not any(name in OURS for name in names[: names.index(COPIES)]):
        raise ValueError(f"{COPIES} copies what a run of ours left: name one of {', '.join(OURS)} too")
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


def report(pipelines: Sequence[Pipeline], figures: Sequence[Figures], *, batch: int) -> str:
    """The section of the page: figures, ratios, and what each pipeline leaves out."""
    return "\n\n".join(
        (
            f"## Beside peers and bounds\n\nCPU microseconds an event, medians of {figures[0].runs} rounds, at most {batch:,} events a transaction. {versions()}",
            as_table(figures),
            "What ours costs, as a multiple of each; total is worker and PostgreSQL together:",
            as_ratios(figures, ours=OURS),
            markdown_table(
                ("pipeline", "does not do"), [(pipeline.name, pipeline.lacks) for pipeline in pipelines]
            ),
        )
    )
