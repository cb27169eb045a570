"""A session that the server ends between two statements: asyncpg calls it its own error, we call it one that passes."""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import cast
from uuid import UUID

import asyncpg
import pytest

from services.chassis.health import Readiness
from services.chassis.postgres import Pool
from services.ingest.batch.writer import Writer
from services.ingest.source.protocol import TopicPartition
from services.ingest.supervision.supervision import Supervision
from tests.support.ingest import LOG_ONLY
from tests.support.memory_source import MemoryLog

HERE = TopicPartition("events", 0)


class FarewellPool:
    """Every connection says farewell at the first statement."""

    def __init__(self) -> None:
        self.asked = 0

    def acquire(self) -> AbstractAsyncContextManager[object]:
        self.asked += 1
        raise asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")


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

    def committed(self) -> Mapping[TopicPartition, int]:
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
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(supervision.run(0.01), 0.3)
    assert pool.asked > 1
    assert not readiness.ready


async def test_the_writer_waits_for_another_session() -> None:
    pool, readiness = FarewellPool(), Readiness("database")
    writer = Writer(cast("Pool", pool), MemoryLog("events", UUID(int=7)), readiness, LOG_ONLY)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(writer.positions([HERE]), 1.0)
    assert pool.asked > 1
    assert not readiness.ready
