"""A session that the server ends between two statements: asyncpg calls it its own error, we call it one that passes."""

import asyncio
from collections.abc import Collection, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import cast
from uuid import UUID

import asyncpg

from services.chassis.health import Readiness
from services.chassis.postgres import Pool
from services.ingest.batch.writer import Writer
from services.ingest.source.protocol import Offset, TopicPartition
from services.ingest.supervision.supervision import Supervision
from tests.support.ingest import LOG_ONLY
from tests.support.memory_source import MemoryLog

HERE = TopicPartition("events", 0)


class FarewellPool:
    """Every connection says farewell at the first statement."""

    def __init__(self) -> None:
        self._asked = 0
        self._asked_again = asyncio.Event()

    def acquire(self) -> AbstractAsyncContextManager[object]:
        self._asked += 1
        if self._asked > 1:
            self._asked_again.set()
        raise asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")

    async def is_asked_again_by(self, work: Coroutine[None, None, object]) -> bool:
        """Runs the work until it asks for another connection; whether it was still at it then."""
        task = asyncio.create_task(work)
        asked = asyncio.create_task(self._asked_again.wait())
        await asyncio.wait([task, asked], return_when=asyncio.FIRST_COMPLETED)
        still_working = not task.done()
        task.cancel()
        asked.cancel()
        await asyncio.gather(task, asked, return_exceptions=True)
        return still_working


class OnePartition:
    """A source that has been given one partition."""

    async def run(self) -> None: ...
    async def stop(self) -> None: ...

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset([HERE])

    def joined(self) -> bool:
        return True

    def reposition(self, partitions: Collection[TopicPartition]) -> None: ...


class Watched:
    """A writer that has committed nothing."""

    last_progress = 0.0

    def committed(self) -> Mapping[TopicPartition, Offset]:
        return {}

    def applied_at(self) -> Mapping[TopicPartition, float]:
        return {}

    def topic_ids(self) -> Mapping[TopicPartition, UUID]:
        return {}

    def halted(self) -> frozenset[TopicPartition]:
        return frozenset()


async def test_the_supervision_waits_for_another_session() -> None:
    pool, readiness = FarewellPool(), Readiness("database")
    supervision = Supervision(
        cast("Pool", pool),
        MemoryLog("events", UUID(int=7)),
        OnePartition(),
        Watched(),
        readiness,
        stall_seconds=60,
    )
    assert await pool.is_asked_again_by(supervision.run(0.01))
    assert not readiness.ready


async def test_the_writer_waits_for_another_session() -> None:
    pool, readiness = FarewellPool(), Readiness("database")
    writer = Writer(cast("Pool", pool), MemoryLog("events", UUID(int=7)), readiness, LOG_ONLY)
    assert await pool.is_asked_again_by(writer.next_offsets([HERE]))
    assert not readiness.ready
