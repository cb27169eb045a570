"""A source that is asked to stop with something in flight: it leaves its group, and only a real crash is told as one."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from structlog.testing import capture_logs

from services.chassis.lifecycle import EXIT_CLEAN, EXIT_CRASHED, Shutdown, run_service
from services.chassis.settings import KafkaSettings
from services.ingest.source.departure import STOP_SECONDS
from services.ingest.source.faust_source import SourceDiedError
from services.ingest.source.faust_thread import BatchThread
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Batch
from tests.support.broker.server import Broker, running_broker
from tests.support.checks.broker_worker import messages
from tests.support.checks.findings import until
from tests.support.source_alone import SOURCES, AnySink

SESSION_SECONDS = 15.0
"""More than the bound of a stop: a member that is gone when the stop is over has said so itself."""


def options_for(broker: Broker) -> SourceOptions:
    kafka = KafkaSettings(kafka_bootstrap=broker.bootstrap)
    return SourceOptions(topic="events", group="g", kafka=kafka, session_timeout_seconds=SESSION_SECONDS)


@pytest.mark.parametrize("amid_rebalance", [False, True], ids=["of the worker", "of a rebalance"])
@pytest.mark.parametrize("name", SOURCES)
def test_a_stop_while_a_commit_awaits_its_answer_ends_cleanly_and_leaves_the_group(
    name: str,
    amid_rebalance: bool,  # noqa: FBT001
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(_shutdown: Shutdown) -> None:
        sink = AnySink(places=True)
        async with running_broker() as broker:
            commits = broker.hold_commits()
            broker.append(messages(0, 10))
            source = SOURCES[name](options_for(broker), sink, tmp_path)
            running = asyncio.create_task(source.run())
            await asyncio.wait_for(sink.reached.wait(), 30.0)
            if amid_rebalance:
                before = sink.quiesced
                broker.group("g").rebalance()
                await until(lambda: sink.quiesced > before)  # what is durable is committed next
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
    assert "Crashed" not in caplog.text  # in Faust's words


class WaitingSink(AnySink):
    """Ends what is open only when it may, once it has been told to wait."""

    def __init__(self) -> None:
        super().__init__(places=True)
        self.waits = False
        self.asked = asyncio.Event()
        self.may = asyncio.Event()

    async def quiesce(self) -> None:
        if self.waits:
            self.asked.set()
            await self.may.wait()


@pytest.mark.parametrize("commits", [False, True], ids=["not yet committing", "committing"])
def test_a_rebalance_that_meets_the_last_of_a_stop_ends_and_the_group_is_left(
    commits: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Faust's thread is told to stop while its client, amid a rebalance, waits for the worker's loop to commit."""

    async def scenario(_shutdown: Shutdown) -> None:
        sink = WaitingSink()
        stop = BatchThread.stop
        async with running_broker() as broker:

            async def stop_amid_a_rebalance(thread: BatchThread) -> None:
                sink.waits = not commits
                hold = broker.hold_commits()
                broker.group("g").rebalance()
                await (hold.caught if commits else sink.asked).wait()
                stopping = asyncio.ensure_future(stop(thread))
                await until(lambda: not thread.method_queue._workers)  # it takes no orders any more
                hold.release()
                sink.may.set()
                await stopping

            monkeypatch.setattr(BatchThread, "stop", stop_amid_a_rebalance)
            broker.append(messages(0, 10))
            source = SOURCES["faust"](options_for(broker), sink, tmp_path)
            running = asyncio.create_task(source.run())
            await asyncio.wait_for(sink.reached.wait(), 30.0)
            await source.stop()
            await asyncio.wait_for(running, STOP_SECONDS + 10.0)
            assert not broker.group("g").members

    assert run_service(scenario) == EXIT_CLEAN


@pytest.mark.parametrize("name", SOURCES)
def test_a_client_whose_own_stop_ends_as_cancelled_has_stopped(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As aiokafka's does when it meets a fetch that it has cancelled before it began."""
    stop = AIOKafkaConsumer.stop

    async def stop_and_meet_a_cancelling(consumer: AIOKafkaConsumer) -> None:
        await stop(consumer)
        raise asyncio.CancelledError

    async def scenario(_shutdown: Shutdown) -> None:
        sink = AnySink(places=True)
        async with running_broker() as broker:
            broker.append(messages(0, 10))
            source = SOURCES[name](options_for(broker), sink, tmp_path)
            running = asyncio.create_task(source.run())
            await asyncio.wait_for(sink.reached.wait(), 30.0)
            await source.stop()
            await running

    monkeypatch.setattr(AIOKafkaConsumer, "stop", stop_and_meet_a_cancelling)
    with capture_logs() as logs:
        assert run_service(scenario) == EXIT_CLEAN
    assert "client_did_not_stop" not in [line["event"] for line in logs]


class BrokenSinkError(Exception):
    """What the sink below raises."""


class BreakingSink(AnySink):
    """Takes nothing any more once it is broken."""

    def __init__(self) -> None:
        super().__init__(places=True)
        self.broken = False
        self.raised = asyncio.Event()

    async def put(self, batch: Batch) -> None:
        if self.broken:
            self.raised.set()
            raise BrokenSinkError
        await super().put(batch)


@pytest.mark.parametrize("name", SOURCES)
def test_a_crash_while_a_commit_awaits_its_answer_is_told_as_the_crash_it_is(
    name: str, tmp_path: Path
) -> None:
    ends: list[BaseException | None] = []

    async def scenario(_shutdown: Shutdown) -> None:
        sink = BreakingSink()
        async with running_broker() as broker:
            broker.append(messages(0, 10))
            source = SOURCES[name](options_for(broker), sink, tmp_path)
            running = asyncio.create_task(source.run())
            await asyncio.wait_for(sink.reached.wait(), 30.0)
            hold = broker.hold_commits()
            await asyncio.wait_for(hold.caught.wait(), 30.0)
            sink.broken = True
            broker.append(messages(10, 10))
            await asyncio.wait_for(sink.raised.wait(), 30.0)
            hold.release()
            await asyncio.wait({running}, timeout=STOP_SECONDS + 10.0)
            ends.append(running.exception())
            running.result()

    assert run_service(scenario) == EXIT_CRASHED
    (end,) = ends
    if isinstance(end, SourceDiedError):
        end = end.__cause__
    assert isinstance(end, BrokenSinkError)
