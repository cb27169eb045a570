"""The ingest worker as a process: how it starts, waits, refuses, shares and stops."""

import asyncio
import time

import asyncpg
import pytest

from services.chassis.migrations import migrate
from tests.support import ingest, ingest_oracle
from tests.support.processes import RunService, ServiceProcess

INGEST = "services.ingest"


async def logged(conn: asyncpg.Connection, count: int, *workers: ServiceProcess, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while (found := len(await ingest_oracle.logged_ids(conn))) < count:
        assert time.monotonic() < deadline, (found, [worker.log()[-2_000:] for worker in workers])
        await asyncio.sleep(0.05)


def messages(first: int, count: int) -> list[tuple[bytes | None, bytes | None]]:
    return [ingest.customer_message(number, contact=number % 50) for number in range(first, first + count)]


@pytest.mark.parametrize("source", ["faust", "aiokafka"])
async def test_a_worker_becomes_ready_applies_events_and_stops_cleanly(
    source: str,
    settings: dict[str, str],
    conn: asyncpg.Connection,
    kafka_bootstrap: str,
    run_service: RunService,
) -> None:
    ingest.produce(kafka_bootstrap, settings["BITACORA_INGEST_TOPIC"], messages(0, 1_000))
    worker = run_service(INGEST, {**settings, "BITACORA_INGEST_SOURCE": source})
    await logged(conn, 1_000, worker)
    await asyncio.to_thread(worker.wait_ready)
    assert await conn.fetchval("SELECT count(*) FROM projection.message") == 1_000
    assert await conn.fetchval("SELECT count(*) FROM projection.conversation") == 50
    assert await asyncio.to_thread(worker.terminate) == 0


async def test_a_worker_waits_for_a_database_that_is_not_migrated_and_says_so(
    settings: dict[str, str], empty_database: str, run_service: RunService
) -> None:
    worker = run_service(INGEST, {**settings, "BITACORA_POSTGRES_DSN": empty_database})
    deadline = time.monotonic() + 20
    while "bitacora migrate" not in worker.log():
        assert time.monotonic() < deadline, worker.log()
        await asyncio.sleep(0.1)
    assert not worker.is_ready()
    await migrate(empty_database)
    await asyncio.to_thread(worker.wait_ready)


async def test_a_worker_waits_for_a_broker_that_is_not_there_and_still_stops_on_request(
    settings: dict[str, str], run_service: RunService
) -> None:
    worker = run_service(INGEST, {**settings, "BITACORA_KAFKA_BOOTSTRAP": "127.0.0.1:9"})
    deadline = time.monotonic() + 40
    while "topic_not_there" not in worker.log():
        assert time.monotonic() < deadline, worker.log()
        await asyncio.sleep(0.1)
    assert not worker.is_ready()
    assert worker.exit_code() is None
    assert await asyncio.to_thread(worker.terminate) == 0


async def test_a_flood_of_bad_records_stops_the_worker_with_a_code_of_its_own(
    settings: dict[str, str], conn: asyncpg.Connection, kafka_bootstrap: str, run_service: RunService
) -> None:
    topic = settings["BITACORA_INGEST_TOPIC"]
    ingest.produce(kafka_bootstrap, topic, [(b"one key", b"not an event")] * 500)
    worker = run_service(INGEST, settings)
    assert await asyncio.to_thread(worker.wait_ended) == 3
    assert "too_many_refusals" in worker.log()
    assert await conn.fetchval("SELECT count(*) FROM log.dead_letter") <= 100


async def test_another_worker_takes_over_from_one_that_was_killed(
    settings: dict[str, str], conn: asyncpg.Connection, kafka_bootstrap: str, run_service: RunService
) -> None:
    topic = settings["BITACORA_INGEST_TOPIC"]
    workers = [run_service(INGEST, settings) for _ in range(2)]
    ingest.produce(kafka_bootstrap, topic, messages(0, 2_000))
    await logged(conn, 2_000, *workers)
    workers[0].kill()
    ingest.produce(kafka_bootstrap, topic, messages(2_000, 2_000))
    began = time.monotonic()
    await logged(conn, 4_000, *workers)
    print(f"taken over after {time.monotonic() - began:.1f} s")
    assert len(set(await ingest_oracle.logged_ids(conn))) == 4_000
    assert await conn.fetchval("SELECT count(*) FROM projection.message") == 4_000
    assert await ingest_oracle.broken_invariants(conn) == {}
