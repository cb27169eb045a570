"""A source whose broker is away, from the beginning or of late, or slow to answer: it can be stopped while it waits."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from embedded.ports import LOOPBACK, free_port
from services.chassis.lifecycle import EXIT_CLEAN, Shutdown, run_service
from services.chassis.settings import KafkaSettings
from services.ingest.source.aiokafka_source import AiokafkaSource
from services.ingest.source.departure import STOP_SECONDS
from services.ingest.source.faust_source import FaustSource
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Batch, Jump, Sink, Source, TopicPartition
from tests.support.broker.server import running_broker
from tests.support.checks.broker_worker import messages
from tests.support.checks.findings import until

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


class AnySink(NoSink):
    """Takes everything, and always has more to tell Kafka; or never says where to begin, as while the database is away."""

    def __init__(self, *, places: bool) -> None:
        self._places = places
        self._committed = 0
        self.reached = asyncio.Event()
        self.quiesced = 0

    async def positions(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        if not self._places:
            self.reached.set()
            await asyncio.Event().wait()
        return dict.fromkeys(partitions, 0)

    async def put(self, batch: Batch) -> None:
        self.reached.set()

    async def quiesce(self) -> None:
        self.quiesced += 1

    def committed(self) -> Mapping[TopicPartition, int]:
        self._committed += 1
        return {TopicPartition("events", 0): self._committed}


@pytest.mark.parametrize("places", [True, False], ids=["reading", "waiting to be placed"])
def test_the_bare_client_whose_broker_went_away_ends_within_its_bound_when_asked(
    places: bool,  # noqa: FBT001
) -> None:
    async def scenario(_shutdown: Shutdown) -> None:
        sink = AnySink(places=places)
        async with running_broker() as broker:
            broker.append(messages(0, 10))
            options = SourceOptions(
                topic="events", group="g", kafka=KafkaSettings(kafka_bootstrap=broker.bootstrap)
            )
            source = AiokafkaSource(options, sink)
            running = asyncio.create_task(source.run())
            await asyncio.wait_for(sink.reached.wait(), 30.0)
            await broker.stop()
            done, _ = await asyncio.wait({running}, timeout=1.5)
            assert not done
            await source.stop()
            done, _ = await asyncio.wait({running}, timeout=STOP_SECONDS + 10.0)
            assert done
            running.result()

    # Run as a process is: what a client leaves behind is not waited for for ever.
    assert run_service(scenario) == EXIT_CLEAN


@pytest.mark.parametrize("name", SOURCES)
def test_a_stop_amid_a_rebalance_that_commits_ends_cleanly_and_leaves_the_group(
    name: str, tmp_path: Path
) -> None:
    async def scenario(_shutdown: Shutdown) -> None:
        sink = AnySink(places=True)
        async with running_broker() as broker:
            commits = broker.hold_commits()
            broker.append(messages(0, 10))
            options = SourceOptions(
                topic="events", group="g", kafka=KafkaSettings(kafka_bootstrap=broker.bootstrap)
            )
            source = SOURCES[name](options, sink, tmp_path)
            running = asyncio.create_task(source.run())
            await asyncio.wait_for(sink.reached.wait(), 30.0)
            before = sink.quiesced
            broker.group("g").rebalance()
            await until(
                lambda: sink.quiesced > before
            )  # partitions are revoked, and what is durable is committed
            await asyncio.wait_for(commits.caught.wait(), 30.0)
            before = sink.quiesced
            await source.stop()
            await until(lambda: sink.quiesced > before + 1)  # the client is on its way out
            commits.release()
            done, _ = await asyncio.wait({running}, timeout=STOP_SECONDS + 10.0)
            assert done
            running.result()
            assert not broker.group("g").members

    with capture_logs() as logs:
        assert run_service(scenario) == EXIT_CLEAN
    assert "client_did_not_stop" not in {entry["event"] for entry in logs}
