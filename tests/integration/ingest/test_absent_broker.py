"""A source whose broker went away before its first connection: it waits, and it can be stopped while it waits."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from embedded.ports import LOOPBACK, free_port
from services.chassis.settings import KafkaSettings
from services.ingest.source.aiokafka_source import AiokafkaSource
from services.ingest.source.faust_source import FaustSource
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Batch, Jump, Sink, Source, TopicPartition

Make = Callable[[SourceOptions, Sink, Path], Source]
SOURCES: dict[str, Make] = {
    "faust": lambda options, sink, folder: FaustSource(options, sink, data_dir=folder),
    "aiokafka": lambda options, sink, _folder: AiokafkaSource(options, sink),
}


class NoSink:
    """Is never given anything."""

    async def positions(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        raise AssertionError(partitions)

    async def put(self, batch: Batch) -> None:
        raise AssertionError(batch)

    async def judge_jump(self, partition: TopicPartition, expected: int, found: int) -> Jump:
        raise AssertionError(partition)

    async def quiesce(self) -> None:
        return

    def committed(self) -> Mapping[TopicPartition, int]:
        return {}


@pytest.mark.parametrize("session_seconds", [15.0, 300.0])
@pytest.mark.parametrize("name", SOURCES)
async def test_a_source_without_a_broker_waits_and_stops_when_asked(
    name: str, session_seconds: float, tmp_path: Path
) -> None:
    kafka = KafkaSettings(kafka_bootstrap=f"{LOOPBACK}:{free_port()}")
    options = SourceOptions(topic="events", group="g", kafka=kafka, session_timeout_seconds=session_seconds)
    source = SOURCES[name](options, NoSink(), tmp_path)
    running = asyncio.create_task(source.run())
    done, _ = await asyncio.wait({running}, timeout=3.0)
    assert not done
    assert not source.joined()
    await source.stop()
    await asyncio.wait_for(running, 30.0)
