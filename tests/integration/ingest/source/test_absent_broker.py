"""A source whose broker is away, from the beginning or of late: it waits, and it can be stopped while it waits."""

import asyncio
from pathlib import Path

import pytest

from embedded.ports import LOOPBACK, free_port
from services.chassis.lifecycle import EXIT_CLEAN, Shutdown, run_service
from services.chassis.settings import KafkaSettings
from services.ingest.source.aiokafka_source import AiokafkaSource
from services.ingest.source.departure import STOP_SECONDS
from services.ingest.source.options import SourceOptions
from tests.support.broker.server import running_broker
from tests.support.checks.broker_worker import messages
from tests.support.source_alone import SOURCES, AnySink, NoSink


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
