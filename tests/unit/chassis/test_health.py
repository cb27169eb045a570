from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from services.chassis.health import HealthServer, Readiness

START = datetime(2026, 3, 1, tzinfo=UTC)


class HandClock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client with a short patience."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session


def test_a_process_is_ready_when_every_condition_holds() -> None:
    readiness = Readiness("database", "kafka")
    seen = [readiness.ready]
    for step in ("database", "kafka"):
        readiness.up(step)
        seen.append(readiness.ready)
    readiness.down("partition", "halted")
    seen.append(readiness.ready)
    assert seen == [False, False, True, False]


def test_a_condition_remembers_since_when_it_holds() -> None:
    clock = HandClock()
    readiness = Readiness("database", clock=clock)
    clock.now += timedelta(seconds=5)
    readiness.up("database")
    clock.now += timedelta(seconds=5)
    readiness.up("database")
    assert readiness.flags()["database"].since == START + timedelta(seconds=5)


async def test_readiness_is_told_with_its_reasons(client: aiohttp.ClientSession) -> None:
    readiness = Readiness("database")
    async with HealthServer(0, readiness) as server:
        url = f"http://127.0.0.1:{server.port}/health/ready"
        async with client.get(url) as answer:
            assert answer.status == 503
            body = await answer.json()
            assert body["status"] == "unready"
            assert body["checks"]["database"]["reason"] == "starting"
        readiness.up("database")
        async with client.get(url) as answer:
            assert answer.status == 200


async def test_liveness_says_why_to_restart(client: aiohttp.ClientSession) -> None:
    stuck: list[str] = []
    async with HealthServer(0, Readiness(), alive=lambda: stuck[0] if stuck else None) as server:
        url = f"http://127.0.0.1:{server.port}/health/live"
        async with client.get(url) as answer:
            assert answer.status == 200
        stuck.append("no commit for 60 s")
        async with client.get(url) as answer:
            assert answer.status == 503
            assert (await answer.json())["reason"] == "no commit for 60 s"


async def test_metrics_are_served_as_text(client: aiohttp.ClientSession) -> None:
    async with (
        HealthServer(0, Readiness()) as server,
        client.get(f"http://127.0.0.1:{server.port}/metrics") as answer,
    ):
        assert answer.status == 200
        assert "process_cpu_seconds_total" in await answer.text()


async def test_a_taken_port_is_an_error() -> None:
    async with HealthServer(0, Readiness()) as server:
        with pytest.raises(OSError, match="address already in use"):
            await HealthServer(server.port, Readiness()).start()


def test_a_sign_in_that_stays_refused_asks_for_a_restart_and_an_absent_server_does_not() -> None:
    clock = HandClock()
    readiness = Readiness("database", "kafka", clock=clock)
    readiness.down("kafka", "connection_refused: nothing listens there")
    readiness.down("database", "sign_in_refused: the password is another")
    clock.now += timedelta(minutes=5)
    assert readiness.why_start_anew() is None
    clock.now += timedelta(seconds=1)
    why = readiness.why_start_anew()
    assert why is not None
    assert why.startswith("database: sign_in_refused")
    readiness.up("database")
    clock.now += timedelta(days=1)
    assert readiness.why_start_anew() is None


async def test_liveness_tells_of_a_sign_in_that_stays_refused(client: aiohttp.ClientSession) -> None:
    clock = HandClock()
    readiness = Readiness("database", clock=clock)
    readiness.down("database", "sign_in_refused: the password is another")
    clock.now += timedelta(minutes=6)
    async with (
        HealthServer(0, readiness) as server,
        client.get(f"http://127.0.0.1:{server.port}/health/live") as answer,
    ):
        assert answer.status == 503
        assert "secrets are read at the start" in (await answer.json())["reason"]
