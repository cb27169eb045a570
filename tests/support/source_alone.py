"""Both sources, and sinks without a database, for what concerns the client alone."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from services.ingest.source.aiokafka_source import AiokafkaSource
from services.ingest.source.faust_source import FaustSource
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Batch, Jump, Offset, Sink, Source, TopicPartition

Make = Callable[[SourceOptions, Sink, Path], Source]
SOURCES: dict[str, Make] = {
    "faust": lambda options, sink, folder: FaustSource(options, sink, data_dir=folder),
    "aiokafka": lambda options, sink, _folder: AiokafkaSource(options, sink),
}


class NoSink:
    """Is never given anything."""

    async def next_offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Offset]:
        raise AssertionError(partitions)

    async def put(self, batch: Batch) -> None:
        raise AssertionError(batch)

    async def check_jump(self, partition: TopicPartition, expected: Offset, found: Offset) -> Jump:
        raise AssertionError(partition)

    async def quiesce(self) -> None:
        return

    def committed(self) -> Mapping[TopicPartition, Offset]:
        return {}


class AnySink(NoSink):
    """Takes everything, and always has more to tell Kafka; or never says where to begin, as while the database is away."""

    def __init__(self, *, places: bool) -> None:
        self._places = places
        self._committed = 0
        self.reached = asyncio.Event()
        self.quiesced = 0

    async def next_offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Offset]:
        if not self._places:
            self.reached.set()
            await asyncio.Event().wait()
        return dict.fromkeys(partitions, Offset(0))

    async def put(self, batch: Batch) -> None:
        self.reached.set()

    async def quiesce(self) -> None:
        self.quiesced += 1

    def committed(self) -> Mapping[TopicPartition, Offset]:
        self._committed += 1
        return {TopicPartition("events", 0): Offset(self._committed)}
