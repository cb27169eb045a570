"""Every source hands over the same records in the same way: one suite, run on each of them."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from services.chassis.settings import KafkaSettings
from services.ingest.source.aiokafka_source import AiokafkaSource
from services.ingest.source.faust_source import FaustSource
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Batch, Jump, Offset, Sink, Source, TopicPartition
from tests.support import ingest
from tests.support.memory_source import MemoryLog, MemorySource

PATIENCE = 40.0


class RecordingSink:
    """Keeps what it is given; its positions can be set by the test."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.starts: dict[TopicPartition, int] = {}
        self.halted: set[TopicPartition] = set()
        self.placings: list[set[TopicPartition]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def next_offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Offset]:
        self.placings.append(set(partitions))
        return {
            partition: Offset(self.starts.get(partition, 0))
            for partition in partitions
            if partition not in self.halted
        }

    async def put(self, batch: Batch) -> None:
        await self.gate.wait()
        self.batches.append(batch)

    async def check_jump(self, partition: TopicPartition, expected: int, found: int) -> Jump:
        return Jump.ACCEPT

    async def quiesce(self) -> None:
        return None

    def committed(self) -> Mapping[TopicPartition, Offset]:
        return {batch.partition: batch.next for batch in self.batches}

    def values(self) -> list[bytes]:
        return sorted(record.value or b"" for batch in self.batches for record in batch.records)


class World:
    """A log to write to, and a way to make sources that read it."""

    def __init__(
        self, topic: str, write: Callable[[list[bytes]], None], make: Callable[[Sink], Source]
    ) -> None:
        self.topic = topic
        self.write = write
        self.make = make


@pytest.fixture(params=["memory", "aiokafka", "faust"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "memory":
        memory = MemoryLog("events", UUID(int=1), partitions=4)

        def append(values: list[bytes]) -> None:
            for value in values:
                memory.append(value, value, partition=value[-1] % 4)

        yield World("events", append, lambda sink: MemorySource(memory, sink))
        return
    bootstrap = request.getfixturevalue("kafka_bootstrap")
    for topic in ingest.fresh_topic(bootstrap):
        options = SourceOptions(
            topic=topic,
            group=f"group-{uuid.uuid4().hex[:8]}",
            kafka=KafkaSettings(kafka_bootstrap=bootstrap),
            session_timeout_seconds=6.0,
        )

        def make(sink: Sink, options: SourceOptions = options) -> Source:
            if request.param == "aiokafka":
                return AiokafkaSource(options, sink)
            return FaustSource(options, sink, data_dir=tmp_path)

        def send(values: list[bytes], topic: str = topic) -> None:
            ingest.produce(bootstrap, topic, [(value, value) for value in values])

        yield World(topic, send, make)


@asynccontextmanager
async def running(source: Source) -> AsyncIterator[None]:
    task = asyncio.create_task(source.run())
    try:
        yield
    finally:
        await source.stop()
        await asyncio.wait_for(task, PATIENCE)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  what is waited for has no event to give
            await asyncio.sleep(0.02)


def numbered(first: int, count: int) -> list[bytes]:
    return [b"%06d" % number for number in range(first, first + count)]


async def test_every_record_is_handed_over_once_and_batches_follow_each_other(world: World) -> None:
    sink = RecordingSink()
    await asyncio.to_thread(world.write, numbered(0, 500))
    async with running(world.make(sink)):
        await until(lambda: len(sink.values()) >= 500)
        await asyncio.to_thread(world.write, numbered(500, 500))
        await until(lambda: len(sink.values()) >= 1_000)
    assert sink.values() == numbered(0, 1_000)
    at: dict[TopicPartition, int] = {}
    for batch in sink.batches:
        assert batch.start == at.get(batch.partition, 0)
        assert batch.start <= batch.records[0].offset
        assert batch.records[-1].offset < batch.next
        at[batch.partition] = batch.next


async def test_reading_starts_where_the_sink_says_and_not_where_kafka_remembers(world: World) -> None:
    await asyncio.to_thread(world.write, numbered(0, 200))
    first = RecordingSink()
    async with running(world.make(first)):
        await until(lambda: len(first.values()) >= 200)
    second = RecordingSink()
    second.starts = {batch.partition: 3 for batch in first.batches}
    async with running(world.make(second)):
        await until(lambda: len(second.values()) >= 200 - 3 * len(second.starts))
    assert {batch.start for batch in second.batches if batch.start < 4} == {3}
    assert len(second.values()) == 200 - 3 * len(second.starts)


async def test_a_repositioned_partition_is_read_again_from_the_sink_s_position(world: World) -> None:
    sink = RecordingSink()
    await asyncio.to_thread(world.write, numbered(0, 100))
    source = world.make(sink)
    async with running(source):
        await until(lambda: len(sink.values()) >= 100)
        again = sink.batches[0].partition
        count = sum(len(batch.records) for batch in sink.batches if batch.partition == again)
        source.reposition([again])
        await until(lambda: len(sink.values()) >= 100 + count)
    assert len(sink.values()) == 100 + count


async def test_a_halted_partition_is_not_read_until_it_is_placed_again(world: World) -> None:
    sink = RecordingSink()
    await asyncio.to_thread(world.write, numbered(0, 100))
    source = world.make(sink)
    halted = TopicPartition(world.topic, 0)
    sink.halted.add(halted)
    async with running(source):
        await until(lambda: len({batch.partition for batch in sink.batches}) == 3)
        await asyncio.sleep(0.3)
        assert halted not in {batch.partition for batch in sink.batches}
        assert halted in source.assignment()
        sink.halted.clear()
        source.reposition([halted])
        await until(lambda: len(sink.values()) >= 100)
    assert sink.values() == numbered(0, 100)


async def test_a_full_sink_stops_the_reading_and_loses_nothing(world: World) -> None:
    sink = RecordingSink()
    await asyncio.to_thread(world.write, numbered(0, 300))
    async with running(world.make(sink)):
        await until(lambda: bool(sink.batches))
        sink.gate.clear()
        await asyncio.to_thread(world.write, numbered(300, 300))
        await asyncio.sleep(0.5)
        sink.gate.set()
        await until(lambda: len(sink.values()) >= 600)
    assert sink.values() == numbered(0, 600)


async def test_a_source_that_is_told_to_stop_ends_soon(world: World) -> None:
    source = world.make(RecordingSink())
    task = asyncio.create_task(source.run())
    await until(lambda: bool(source.assignment()))
    await source.stop()
    await asyncio.wait_for(task, 15)
