"""An ingest worker in pieces, fed from a log in memory, writing to a real database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from services.chassis.health import Readiness
from services.chassis.postgres import Pool
from services.ingest.batch.breaker import Limits
from services.ingest.batch.transaction import Projections
from services.ingest.batch.writer import Writer, WriterOptions
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.source.protocol import Offset, TopicPartition
from services.ingest.supervision.supervision import Supervision
from tests.support import ingest
from tests.support.memory_source import MemoryLog, MemoryRecord, MemorySource
from tests.support.scenarios import record_of

PATIENCE = 20.0
HERE = TopicPartition("events", 0)


class Bench:
    """A worker in pieces: log in memory, writer, source, supervision, database."""

    def __init__(
        self, pool: Pool, projections: Projections, writer_class: type[Writer], limits: Limits
    ) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.pool = pool
        self.log = MemoryLog("events", UUID(int=7))
        self.readiness = Readiness()
        options = WriterOptions(batch_records=100, limits=limits)
        self.writer = writer_class(pool, self.log, self.readiness, projections, options=options)
        self.source = MemorySource(self.log, self.writer, fetch_records=50)
        self.writer.attach(self.source)
        self.supervision = Supervision(
            pool, self.log, self.source, self.writer, self.readiness, stall_seconds=60
        )

    def fill(self, first: int, count: int, *, account: str = "acme") -> None:
        for number in range(first, first + count):
            self.log.append(*ingest.customer_message(number, account=account))

    def append(self, *events: LoggedEvent) -> None:
        """Adds what a story told, each with its own append time."""
        records = self.log.records[HERE]
        for logged in events:
            key, value = record_of(logged)
            stamp = int(logged.appended_at.timestamp() * 1_000)
            records.append(MemoryRecord(Offset(self.log.ends[HERE]), key, value, (), stamp))
            self.log.ends[HERE] += 1

    async def position(self) -> int | None:
        found: int | None = await self.pool.fetchval("SELECT next_offset FROM log.checkpoint")
        return found

    async def offsets(self) -> list[int]:
        rows = await self.pool.fetch("SELECT position FROM log.event_log ORDER BY position")
        return [row["position"] for row in rows]

    async def refusals(self) -> Counter[str]:
        rows = await self.pool.fetch("SELECT reason FROM log.dead_letter")
        return Counter(row["reason"] for row in rows)

    async def reached(self, offset: int, *, seconds: float | None = None) -> None:
        async with asyncio.timeout(seconds or PATIENCE):
            while await self.position() != offset:
                self.raise_what_ended()
                await asyncio.sleep(0.01)

    async def halted(self) -> str:
        async with asyncio.timeout(PATIENCE):
            while (reason := await self.pool.fetchval("SELECT halted_reason FROM log.checkpoint")) is None:
                self.raise_what_ended()
                await asyncio.sleep(0.02)
                await self.supervision.check()
        return str(reason)

    async def ended(self) -> BaseException | None:
        """The exception that ended the writer."""
        done, _ = await asyncio.wait(self.tasks, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().exception() if done else None

    def raise_what_ended(self) -> None:
        for task in self.tasks:
            if task.done():
                task.result()


@asynccontextmanager
async def bench(
    pool: Pool,
    *,
    projections: Projections = ingest.LOG_ONLY,
    writer_class: type[Writer] = Writer,
    limits: Limits = Limits(),  # noqa: B008  frozen
    prepare: Callable[[Bench], None] | None = None,
) -> AsyncIterator[Bench]:
    made = Bench(pool, projections, writer_class, limits)
    if prepare is not None:
        prepare(made)
    made.tasks = [asyncio.create_task(made.writer.run()), asyncio.create_task(made.source.run())]
    try:
        yield made
    finally:
        for task in made.tasks:
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)
