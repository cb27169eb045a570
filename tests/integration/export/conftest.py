"""A database with told conversations, and jobs in it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from services.chassis.blobs import FolderStore
from services.chassis.health import Readiness
from services.chassis.postgres import Pool, create_pool
from services.export.glyphs import drawable, find_fonts
from services.export.job import Job
from services.export.jobs import Jobs
from services.export.outcome import Empty, Rendered
from services.export.rendering import render
from services.export.settings import ExportSettings
from services.export.tools import Tools, Typesetting
from services.export.worker import DATABASE, Render, Worker
from tests.support.told import tell_past

SITE = "https://bitacora.example.com"


@dataclass
class Office:
    """Everything an export test needs."""

    pool: Pool
    store: FolderStore
    account_id: int
    settings: ExportSettings
    typesetting: Typesetting

    @property
    def tools(self) -> Tools:
        return Tools(self.pool, self.store, self.typesetting, SITE)

    async def ask(
        self,
        format_: str,
        spec: dict[str, Any],
        *,
        key: str | None = None,
        requested_by: str = "user:1",
        role: str = "admin",
    ) -> UUID:
        export_id = uuid4()
        await self.pool.execute(
            "INSERT INTO ops.export_job (account_id, export_id, request_key, requested_by, role, format, spec)"
            " VALUES ($1, $2, $3, $6, $7, $4, $5)",
            self.account_id, export_id, key or str(export_id), format_, spec, requested_by, role,
        )  # fmt: skip
        return export_id

    async def job(self, export_id: UUID) -> dict[str, Any]:
        row = await self.pool.fetchrow("SELECT * FROM ops.export_job WHERE export_id = $1", export_id)
        assert row is not None
        return dict(row)

    async def file(self, export_id: UUID) -> bytes:
        key = (await self.job(export_id))["object_key"]
        return b"".join([chunk async for chunk in self.store.open(key)])

    def jobs(self, *, lease: float = 2) -> Jobs:
        return Jobs(self.pool, lease_seconds=lease, running_per_account=2)

    def worker(self, replacement: Render | None = None) -> Worker:
        async def real(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
            return await render(self.tools, job, on_progress)

        return Worker(self.jobs(), replacement or real, self.store, self.settings, Readiness(DATABASE))


@pytest.fixture(scope="session")
def typesetting() -> Typesetting:
    fonts = find_fonts(())
    return Typesetting(fonts, drawable(fonts), seconds=60, memory_mb=4096, messages_per_part=5000)


@pytest.fixture
async def office(database: str, tmp_path: Path, typesetting: Typesetting) -> AsyncIterator[Office]:
    settings = ExportSettings(
        postgres_dsn=SecretStr(database),
        data_dir=tmp_path,
        export_lease_seconds=2,
        export_heartbeat_seconds=0.2,
        export_poll_seconds=0.2,
    )
    pool = await create_pool(database, application_name="test", max_size=8)
    async with pool.acquire() as conn:
        account_id = await tell_past(conn)
        await conn.execute("INSERT INTO ops.app_user (email, name) VALUES ('ada@example.com', 'Ada')")
        await conn.execute("INSERT INTO ops.membership VALUES ($1, 1, 'admin')", account_id)
    yield Office(pool, FolderStore(settings.store_root), account_id, settings, typesetting)
    await pool.close()


async def until(found: Callable[[], Awaitable[object]], *, seconds: float = 20) -> None:
    """Waits until `found` answers something true; fails when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not await found():
        assert time.monotonic() < deadline, "what was waited for did not come"
        await asyncio.sleep(0.05)
