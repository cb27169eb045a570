"""When a worker says that it is not ready, and when it ends so that its supervisor starts it again."""

import asyncio
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from embedded.ports import LOOPBACK
from embedded.postgres import EmbeddedPostgres
from services.chassis.migrations import migrate
from tests.support import ingest
from tests.support.processes import RunService, ServiceProcess
from tests.support.running_stack import wait_until
from tests.support.stack import run_blocking

INGEST = "services.ingest"
STALL_SECONDS = 5.0
PATIENCE = 60.0


@pytest.fixture(scope="module")
def server(stack_folder: Path, stack_cache: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this file's own, to be killed."""
    with EmbeddedPostgres(
        folder=stack_folder / "mortal-postgres", cache=stack_cache, ephemeral=True
    ) as server:
        run_blocking(migrate(server.dsn))
        run_blocking(ingest.add_account(server.dsn))
        yield server


@pytest.fixture
def topic(kafka_bootstrap: str) -> Iterator[str]:
    yield from ingest.fresh_topic(kafka_bootstrap, partitions=2)


@pytest.fixture
def settings(kafka_bootstrap: str, server: EmbeddedPostgres, topic: str, tmp_path: Path) -> dict[str, str]:
    return {
        "BITACORA_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "BITACORA_POSTGRES_DSN": server.dsn,
        "BITACORA_DATA_DIR": str(tmp_path),
        "BITACORA_INGEST_TOPIC": topic,
        "BITACORA_INGEST_GROUP": f"group-{uuid.uuid4().hex[:8]}",
        "BITACORA_INGEST_CHECK_SECONDS": "0.3",
        "BITACORA_INGEST_STALL_SECONDS": str(STALL_SECONDS),
    }


def ask(worker: ServiceProcess, page: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{worker.health_port}{page}", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def reason(worker: ServiceProcess, check: str) -> str:
    return ask(worker, "/health/ready")[1]["checks"][check]["reason"] or ""


async def execute(dsn: str, sql: str, *values: object) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(sql, *values)
    finally:
        await conn.close()


def test_without_its_database_a_worker_is_unready_and_alive_and_goes_on_when_it_is_back(
    settings: dict[str, str], server: EmbeddedPostgres, kafka_bootstrap: str, run_service: RunService
) -> None:
    worker = run_service(INGEST, settings).wait_ready()
    server.kill()
    wait_until(lambda: "database" in unready(worker), PATIENCE)
    ingest.produce(
        kafka_bootstrap,
        settings["BITACORA_INGEST_TOPIC"],
        [ingest.customer_message(n, contact=n) for n in range(50)],
    )
    time.sleep(STALL_SECONDS * 1.5)
    assert worker.exit_code() is None, "an absent database is no reason to restart"
    assert ask(worker, "/health/live") == (200, {"status": "live"})
    assert reason(worker, "database").startswith("connection_refused")
    server.start()
    worker.wait_ready(PATIENCE)
    wait_until(lambda: run_blocking(logged(server.dsn)) == 50, PATIENCE)
    assert worker.terminate() == 0


async def logged(dsn: str) -> int:
    conn = await asyncpg.connect(dsn)
    try:
        found: int = await conn.fetchval("SELECT count(*) FROM log.event_log")
        return found
    finally:
        await conn.close()


def unready(worker: ServiceProcess) -> set[str]:
    return {name for name, check in ask(worker, "/health/ready")[1]["checks"].items() if not check["ok"]}


def test_a_halted_partition_makes_a_worker_unready_by_name_until_somebody_decides(
    settings: dict[str, str], server: EmbeddedPostgres, run_service: RunService
) -> None:
    topic = settings["BITACORA_INGEST_TOPIC"]
    worker = run_service(INGEST, settings).wait_ready()
    halt = (
        "UPDATE log.checkpoint SET halted_reason = 'gap', halted_from = 0, halted_to = 0, halted_at = now()"
        " WHERE topic = $1 AND partition = 1"
    )
    run_blocking(execute(server.dsn, halt, topic))
    wait_until(lambda: reason(worker, "partitions") == f"halted: {topic}/1", PATIENCE)
    assert unready(worker) == {"partitions"}
    time.sleep(STALL_SECONDS * 1.5)
    assert worker.exit_code() is None, "what waits for an operator is no reason to restart"
    decide = (
        "UPDATE log.checkpoint SET halted_reason = NULL, halted_from = NULL, halted_to = NULL, halted_at = NULL"
        " WHERE topic = $1 AND partition = 1"
    )
    run_blocking(execute(server.dsn, decide, topic))
    worker.wait_ready(PATIENCE)
    assert worker.terminate() == 0


def held(dsn: str, run: Callable[[], None]) -> None:
    """Runs with the checkpoint rows locked, as a transaction that somebody forgot would."""

    async def hold() -> None:
        conn = await asyncpg.connect(dsn)
        try:
            async with conn.transaction():
                await conn.execute("SELECT FROM log.checkpoint FOR UPDATE")
                await asyncio.to_thread(run)
        finally:
            await conn.close()

    run_blocking(hold())


def test_lag_without_a_commit_for_too_long_ends_a_worker_and_idleness_does_not(
    settings: dict[str, str], server: EmbeddedPostgres, kafka_bootstrap: str, run_service: RunService
) -> None:
    worker = run_service(INGEST, settings).wait_ready()
    time.sleep(STALL_SECONDS * 1.5)
    assert worker.exit_code() is None, "nothing to do is no reason to restart"
    before = run_blocking(logged(server.dsn))

    def produce_and_wait() -> None:
        records = [ingest.customer_message(n, contact=n) for n in range(1_000, 1_050)]
        ingest.produce(kafka_bootstrap, settings["BITACORA_INGEST_TOPIC"], records)
        assert worker.wait_ended(PATIENCE) == 1

    held(server.dsn, produce_and_wait)
    assert "ingest_stalled" in worker.log()
    worker.start().wait_ready()
    wait_until(lambda: run_blocking(logged(server.dsn)) == before + 50, PATIENCE)
    assert worker.terminate() == 0
