"""What an event costs as the tables grow: the real worker is measured on the same number of events at each size."""

import asyncio
import itertools
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from benchmarks.ingest.comparison import BATCH, WARM, describe
from benchmarks.ingest.figures import Figures, Run, markdown_table, summarise
from benchmarks.ingest.fill import fill
from benchmarks.ingest.measuring import SQL, Load, measure
from benchmarks.ingest.pipelines import Pipeline
from benchmarks.ingest.servers import Servers
from benchmarks.ingest.traffic import TrafficSpec, records

HISTORY = timedelta(days=330)
"""How long the whole history is: within the months that have partitions."""
EVENTS_PER_CUSTOMER = 30
BYTES_PER_EVENT = 3_000
"""Of disk, tables and indexes and a share of the write-ahead log; measured, rounded up."""


@dataclass(frozen=True, slots=True)
class Size:
    """The figures at one size of the tables."""

    events: int
    gigabytes: float
    figures: Figures


def measure_growth(servers: Servers, sizes: Sequence[int], *, source: str, events: int, rounds: int) -> str:
    """The section of the page. Raises OSError before it begins when the disk has no room for the largest size."""
    free = shutil.disk_usage(servers.folder).free
    if free < sizes[-1] * BYTES_PER_EVENT:
        raise OSError(
            f"{sizes[-1]:,} events need about {sizes[-1] * BYTES_PER_EVENT / 1e9:.0f} GB, {free / 1e9:.0f} are free"
        )
    return _section(asyncio.run(_measure(servers, sizes, source, events, rounds)), source)


async def _measure(
    servers: Servers, sizes: Sequence[int], source: str, events: int, rounds: int
) -> list[Size]:
    dsn = await servers.new_database()
    pipeline = Pipeline(name=f"bitacora-{source}", source=source, lacks="")
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - HISTORY
    per_second = sizes[-1] / HISTORY.total_seconds() * 1.1
    found: list[Size] = []
    filled = 0
    for number, size in enumerate(sizes, start=1):
        customers = size // EVENTS_PER_CUSTOMER
        spec = TrafficSpec(seed=number, customers=customers, start=now, per_second=per_second)
        now = await asyncio.to_thread(fill, dsn, spec, size - filled)
        filled = size
        await _vacuum(dsn)
        runs: list[Run] = []
        for turn in range(rounds):
            spec = TrafficSpec(seed=100 * number + turn, customers=customers, start=now)
            load = Load(list(itertools.islice(records(spec), WARM + events)), WARM, BATCH)
            runs.append(await measure(servers, pipeline, load, dsn, peer_python=Path()))
            print(describe(f"at {size:,}", runs[-1]), flush=True)
            now += timedelta(seconds=len(load.records) / spec.per_second, hours=1)
            filled += len(load.records)
        found.append(Size(size, await _gigabytes(dsn), summarise(pipeline.name, runs)))
    await servers.drop_database(dsn)
    return found


def _section(sizes: Sequence[Size], source: str) -> str:
    first = sizes[0].figures
    rows = [
        (
            f"{size.events:,}",
            f"{size.gigabytes:.1f}",
            f"{size.figures.worker:.1f}",
            f"{size.figures.postgres:.1f}",
            f"{size.figures.total:.1f}",
            f"{size.figures.total / first.total:.2f}",
        )
        for size in sizes
    ]
    columns = ("events in the log", "GB", "worker", "PostgreSQL", "total us/event", "x of the first")
    return (
        f"## As the tables grow\n\n{first.events:,} new events at each size, from customers who have a history of about "
        f"{EVENTS_PER_CUSTOMER} events each, spread evenly over all of it; medians of {first.runs}, source {source}. "
        f"The history itself went through the same decoding, log and projections, without Kafka.\n\n"
        + markdown_table(columns, rows)
    )


async def _vacuum(dsn: str) -> None:
    conn = await asyncpg.connect(dsn, command_timeout=1_800)
    await conn.execute(SQL["vacuum"])
    await conn.close()


async def _gigabytes(dsn: str) -> float:
    conn = await asyncpg.connect(dsn)
    size: int = await conn.fetchval(SQL["database_size"])
    await conn.close()
    return size / 1e9
