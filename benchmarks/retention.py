"""What ingest notices of retention: `python -m benchmarks.retention [EVENTS]`.

A month of EVENTS events is over; live traffic of a later month is written, 25 events in a transaction, before retention and
while it takes the month away. Prints how long a batch took from hand-over to commit.
"""

import asyncio
import logging
import shutil
import statistics
import sys
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog

from benchmarks.storage import CUSTOMERS, HERE, NOW, fold, tell
from embedded.postgres import EmbeddedPostgres
from embedded.reach import server_user, temporary_folder
from services.chassis.health import Readiness
from services.chassis.migrations import migrate
from services.chassis.postgres import Pool, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.batch.writer import Writer
from services.ingest.source.protocol import Offset
from services.ingest.upkeep import retention
from services.ingest.upkeep.partitions import make_partitions
from services.ingest.upkeep.search_projector import mark_dirty
from tests.support import ingest
from tests.support.memory_source import MemoryLog, MemoryRecord, batch_of

BACKLOG = 2_000
LIVE = 25
LATER = datetime(2026, 6, 15, tzinfo=UTC)
KEEP = 2
END_ALL = """
UPDATE conversation SET status = 2, ended_at = greatest(last_activity_at, started_at), end_reason = 'timeout' WHERE status = 1;
UPDATE thread SET open_conv_key = NULL;
"""
"""The stories that the traffic left open would hold the month."""


class Feed:
    """Hands records over, one batch at a time."""

    def __init__(self, pool: Pool, records: Sequence[MemoryRecord]) -> None:
        self._records = records
        self._log = MemoryLog(HERE.topic, uuid.UUID(int=7))
        self._log.ends[HERE] = len(records)
        self._writer = Writer(pool, self._log, Readiness(), Projections(fold, mark_dirty))
        self._at = 0

    async def begin(self) -> "asyncio.Task[None]":
        """The writer at work; to be cancelled."""
        await self._writer.next_offsets([HERE])
        self._working = asyncio.create_task(self._writer.run())
        return self._working

    async def write(self, size: int) -> float:
        """Milliseconds from hand-over to commit of the next `size` records."""
        started = time.perf_counter()
        part = self._records[self._at : self._at + size]
        self._at += len(part)
        await self._writer.put(batch_of(HERE, part[0].offset, self._at, part))
        while self._writer.committed()[HERE] < self._at:
            if self._working.done():
                self._working.result()
            await asyncio.sleep(0.0005)
        return (time.perf_counter() - started) * 1e3


def row(name: str, took: list[float]) -> str:
    """A row of the Markdown table."""
    took.sort()
    return f"| {name} | {len(took):,} | {statistics.median(took):.1f} | {took[int(len(took) * 0.99)]:.1f} | {took[-1]:.1f} |"


async def measure(pool: Pool, events: int) -> None:
    """Fills the month, then writes on without and with retention."""
    old, new = tell(events), tell(events, LATER, CUSTOMERS)
    records = old + [record._replace(offset=Offset(len(old) + record.offset)) for record in new]
    async with pool.acquire() as conn:
        await make_partitions(conn, lambda: LATER)
    feed = Feed(pool, records)
    working = await feed.begin()
    for _ in range(0, len(old) - BACKLOG + 1, BACKLOG):
        await feed.write(BACKLOG)
    await pool.execute(END_ALL)
    alone = [await feed.write(LIVE) for _ in range(400)]
    async with pool.acquire() as conn:
        planned = [
            month for month in await retention.plan(conn, KEEP, clock=lambda: LATER) if month.held is None
        ]
        started = time.perf_counter()
        retaining = asyncio.create_task(retention.apply(conn, KEEP, clock=lambda: LATER))
        beside = []
        while not retaining.done():
            beside.append(await feed.write(LIVE))
        dropped = await retaining
        seconds = time.perf_counter() - started
    working.cancel()
    await asyncio.wait([working])
    size = sum(month.bytes for month in planned) / 2**20
    print(
        f"{len(old):,} events of {NOW:%B}: {len(dropped)} partitions, {size:.0f} MB gone in {seconds:.1f} s\n"
    )
    print("| batches of 25 | number | p50 ms | p99 ms | longest ms |\n|---|---|---|---|---|")
    print(row("before", alone))
    print(row("while the month goes", beside))


async def main(events: int) -> None:
    """A database of its own, a month of events in it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    folder = temporary_folder(server_user())
    cache = Path(__file__).parents[1] / ".bitacora" / "cache"
    with EmbeddedPostgres(folder=folder / "postgres", cache=cache, ephemeral=True) as server:
        await migrate(server.dsn)
        await ingest.add_account(server.dsn)
        pool = await create_pool(server.dsn, application_name="benchmark", min_size=1, max_size=4)
        await measure(pool, events)
        await pool.close()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
