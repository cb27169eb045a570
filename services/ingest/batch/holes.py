"""A fetch that does not go on where the last one ended: what it means, and when its partition may be halted."""

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

from services.chassis.postgres import Pool, is_transient
from services.ingest.batch.attempts import DatabaseError
from services.ingest.batch.fence import Halt, check_jump
from services.ingest.batch.placement import read_rows
from services.ingest.source.broker_facts import BrokerFacts
from services.ingest.source.protocol import Jump, Offset, TopicPartition

DRAIN_SECONDS = 30.0


async def check_hole(
    facts: BrokerFacts,
    partition: TopicPartition,
    *,
    expected: Offset,
    found: Offset,
    known_id: UUID | None,
) -> tuple[Jump, Halt | None]:
    """What a fetch means that starts elsewhere than expected, and the halt it calls for."""
    topic = await facts.topic(partition.topic)
    ranges = await facts.log_ranges([partition])
    return check_jump(expected, found, known_id=known_id, topic_id=topic.topic_id, log=ranges[partition])


async def is_written_up_to(
    pool: Pool, partition: TopicPartition, expected: Offset, written: Callable[[], Offset | None]
) -> bool:
    """Waits until all below `expected` is written, by what the writer knows; False when it is not within a bounded time.

    Then the row is asked too: it may stand elsewhere by the doing of another worker.
    """
    deadline = time.monotonic() + DRAIN_SECONDS
    while (written() or 0) < expected:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    try:
        rows = await read_rows(pool, [partition])
    except DatabaseError as error:
        if not is_transient(error):
            raise
        return False
    return partition in rows and rows[partition].next_offset == expected
