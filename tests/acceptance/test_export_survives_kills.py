"""An export worker killed in the middle of its work: every job is done once, and nothing is left lying about."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.chassis.blobs import FolderStore
from services.chassis.postgres import Pool, create_pool
from tests.support.processes import RunService
from tests.support.told import tell_past

JOBS = 24
KILLS = 4


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    pool = await create_pool(database, application_name="test", max_size=4)
    yield pool
    await pool.close()


async def test_killed_workers_publish_each_job_once(
    database: str, pool: Pool, run_service: RunService, tmp_path: Path
) -> None:
    async with pool.acquire() as conn:
        account_id = await tell_past(conn, conversations=30)
        await conn.execute("INSERT INTO ops.app_user (email, name) VALUES ('ada@example.com', 'Ada')")
        await conn.execute("INSERT INTO ops.membership VALUES ($1, 1, 'admin')", account_id)
        conversations: list[UUID] = [
            row[0] for row in await conn.fetch("SELECT conversation_id FROM conversation")
        ]
        for number in range(JOBS):
            spec = {"conversation_id": str(conversations[number % len(conversations)])}
            await conn.execute(
                "INSERT INTO ops.export_job (account_id, export_id, request_key, requested_by, role, format, spec)"
                " VALUES ($1, $2, $3, 'user:1', 'admin', 'pdf', $4)",
                account_id, uuid4(), str(number), spec,
            )  # fmt: skip
    environment = {
        "BITACORA_POSTGRES_DSN": database,
        "BITACORA_DATA_DIR": str(tmp_path),
        "BITACORA_EXPORT_LEASE_SECONDS": "2",
        "BITACORA_EXPORT_HEARTBEAT_SECONDS": "0.5",
        "BITACORA_EXPORT_POLL_SECONDS": "0.2",
        "BITACORA_EXPORT_SWEEP_SECONDS": "1",
        "BITACORA_EXPORT_ORPHAN_HOURS": "0.002",
    }
    worker = run_service("services.export", environment).wait_ready()
    for kill in range(KILLS):
        await until(pool, "SELECT count(*) FILTER (WHERE state = 'running') > 0 AND"
                          f" count(*) FILTER (WHERE state = 'succeeded') >= {kill * 2} FROM ops.export_job")  # fmt: skip
        worker.kill()
        worker.start()
    await until(pool, f"SELECT count(*) = {JOBS} FROM ops.export_job WHERE state = 'succeeded'", seconds=60)

    published = await pool.fetch("SELECT payload FROM log.outbox")
    succeeded = [
        json.loads(row["payload"])["data"]["export_id"]
        for row in published
        if '"succeeded"' in row["payload"]
    ]
    assert len(succeeded) == len(set(succeeded)) == JOBS
    store = FolderStore(tmp_path / "exports")
    rows = await pool.fetch("SELECT object_key, sha256, attempt FROM ops.export_job")
    for row in rows:
        data = b"".join([chunk async for chunk in store.open(row["object_key"])])
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
    assert sum(row["attempt"] - 1 for row in rows) >= 1, "some job was interrupted and done again"
    owned = {row["object_key"] for row in rows}
    deadline = time.monotonic() + 25
    while {blob.key async for blob in store.list()} != owned:
        assert time.monotonic() < deadline, "files of interrupted attempts are still there"
        await asyncio.sleep(0.5)
    assert worker.terminate() == 0


async def until(pool: Pool, question: str, *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not await pool.fetchval(question):
        assert time.monotonic() < deadline, question
        await asyncio.sleep(0.02)
