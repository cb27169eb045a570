"""The bounded space between reading and writing."""

import asyncio

from services.ingest.batch.positioned_batch import PositionedBatch
from services.ingest.batch.queue import BatchQueue
from services.ingest.source.protocol import Offset, TopicPartition
from tests.support.memory_source import MemoryRecord, batch_of


def batch(start: int, count: int, partition: int = 0) -> PositionedBatch:
    records = [MemoryRecord(Offset(offset), None, b"x" * 10) for offset in range(start, start + count)]
    return PositionedBatch(batch_of(TopicPartition("events", partition), start, start + count, records))


def queue(max_records: int = 100, max_bytes: int = 10_000) -> BatchQueue:
    return BatchQueue(max_records=max_records, max_bytes=max_bytes)


async def test_small_batches_are_taken_together_up_to_the_limit() -> None:
    waiting = queue()
    for start in (0, 10, 20):
        await waiting.put(batch(start, 10))
    taken = await waiting.take(25)
    assert [(part.start, part.next) for part in taken] == [(0, 10), (10, 20), (20, 25)]
    assert [(part.start, part.next) for part in await waiting.take(25)] == [(25, 30)]
    assert waiting.records == 0


async def test_a_full_queue_makes_the_reading_wait() -> None:
    waiting = queue(max_records=15)
    await waiting.put(batch(0, 10))
    second = asyncio.create_task(waiting.put(batch(10, 10)))
    await asyncio.sleep(0.01)
    assert not second.done()
    await waiting.take(10)
    await asyncio.wait_for(second, 1)


async def test_bytes_bound_the_queue_as_records_do() -> None:
    waiting = queue(max_bytes=150)
    await waiting.put(batch(0, 10))
    second = asyncio.create_task(waiting.put(batch(10, 10)))
    await asyncio.sleep(0.01)
    assert not second.done()
    second.cancel()


async def test_a_batch_larger_than_the_queue_goes_in_alone() -> None:
    waiting = queue(max_records=5)
    await asyncio.wait_for(waiting.put(batch(0, 50)), 1)
    assert len(await waiting.take(50)) == 1


async def test_clearing_drops_what_waits_inside_and_what_waits_to_get_in() -> None:
    waiting = queue(max_records=10)
    await waiting.put(batch(0, 10))
    second = asyncio.create_task(waiting.put(batch(10, 10)))
    await asyncio.sleep(0.01)
    await waiting.clear()
    await asyncio.wait_for(second, 1)
    assert waiting.records == 0
    await waiting.put(batch(50, 5))
    assert [part.start for part in await waiting.take(10)] == [50]


async def test_one_partition_can_be_dropped_while_others_stay() -> None:
    waiting = queue()
    await waiting.put(batch(0, 5, partition=1))
    await waiting.put(batch(0, 5, partition=2))
    await waiting.drop([TopicPartition("events", 1)])
    assert [part.partition.partition for part in await waiting.take(10)] == [2]
