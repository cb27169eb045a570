"""The query process: it works without Kafka, says where to set it up, loses no end that it took, stops cleanly."""

from __future__ import annotations

import asyncio
import json
import stat
import uuid
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from bitacora_schemas.topics import EVENTS
from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

from embedded.ports import free_port
from services.chassis.clock import utc_now
from services.chassis.postgres import connect
from services.query.auth.tokens import create_token
from tests.support.processes import RunService
from tests.support.seed import Seed, Seeded, add_account, seed_account

QUERY = "services.query"
INGEST = "services.ingest"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def events_topic(kafka_bootstrap: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    try:
        admin.create_topics([NewTopic(name=EVENTS, num_partitions=3, replication_factor=1)])
    except TopicAlreadyExistsError:
        pass
    finally:
        admin.close()


async def seeded(dsn: str) -> tuple[str, Seeded]:
    """Writes a few conversations; answers a token and an open one of them."""
    conn = await connect(dsn, application_name="test-seed")
    try:
        seed = Seed()
        account = await add_account(conn, "acme")
        seed_account(seed, account, "acme", 30)
        await seed.write(conn)
        made = await create_token(conn, account="acme", role="admin", name="test", now=utc_now())
    finally:
        await conn.close()
    return made.token, next(each for each in seed.of(account) if each.status == 1)


def settings(dsn: str, bootstrap: str, port: int, folder: Path) -> dict[str, str]:
    return {
        "BITACORA_POSTGRES_DSN": dsn,
        "BITACORA_KAFKA_BOOTSTRAP": bootstrap,
        "BITACORA_DATA_DIR": str(folder),
        "BITACORA_QUERY_PORT": str(port),
        "BITACORA_QUERY_SETUP_TOKEN_FILE": str(folder / "setup-token"),
    }


async def test_it_reads_and_ends_without_kafka_and_stops_cleanly(
    database: str, tmp_path: Path, port: int, run_service: RunService
) -> None:
    token, one = await seeded(database)
    headers = {"Authorization": f"Bearer {token}"}
    process = run_service(QUERY, settings(database, f"127.0.0.1:{free_port()}", port, tmp_path)).wait_ready()
    file = tmp_path / "setup-token"
    token_before = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"/setup?token={token_before.strip()}" in process.log()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as client:
        async with client.get("/api/v1/conversations") as answer:
            body = await answer.json()
            assert (answer.status, body["count"]["value"]) == (200, 30)
            assert body["freshness"] == {"as_of": None, "lag_seconds": None}
        await _end(client, one)
    assert process.terminate() == 0
    assert token not in process.log()
    assert one.name is None or one.name not in process.log()
    process.start().wait_ready()
    assert file.read_text() == token_before  # an address already given out stays good
    assert process.terminate() == 0


@pytest.mark.usefixtures("events_topic")
async def test_an_end_that_was_taken_reaches_kafka_whoever_was_down_or_killed(
    database: str, kafka_bootstrap: str, tmp_path: Path, port: int, run_service: RunService
) -> None:
    """Ingest is down while the end is taken, and the query process is killed before anybody has published it."""
    token, one = await seeded(database)
    env = settings(database, kafka_bootstrap, port, tmp_path)
    process = run_service(QUERY, env).wait_ready()
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as client:
        accepted = await _end(client, one)
    process.kill()
    conn = await connect(database, application_name="test")
    assert await conn.fetchval("SELECT count(*) FROM log.outbox") == 1
    group = {"BITACORA_INGEST_GROUP": f"group-{uuid.uuid4().hex[:8]}"}
    run_service(INGEST, {**env, **group}).wait_ready()
    record = await asyncio.to_thread(_find, kafka_bootstrap, accepted["event_id"])
    assert record.key == one.thread_key.encode()
    assert dict(record.headers)["ce_id"] == accepted["event_id"].encode()
    assert json.loads(record.value)["data"]["conversation_id"] == str(one.id)
    waiting = "SELECT count(*) FROM log.outbox WHERE record_key = $1"
    for _ in range(100):
        if not await conn.fetchval(waiting, one.thread_key):
            break
        await asyncio.sleep(0.1)
    assert await conn.fetchval(waiting, one.thread_key) == 0
    await conn.close()


async def _end(client: aiohttp.ClientSession, one: Seeded) -> dict[str, Any]:
    async with client.post(f"/api/v1/conversations/{one.id}/end") as answer:
        assert answer.status == 202
        body: dict[str, Any] = await answer.json()
        return body


def _find(bootstrap: str, event_id: str) -> Any:
    consumer = KafkaConsumer(
        EVENTS, bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=15_000
    )
    try:
        return next(record for record in consumer if json.loads(record.value)["id"] == event_id)
    finally:
        consumer.close()
