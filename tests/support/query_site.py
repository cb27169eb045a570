"""The query application on a seeded database, with made-up neighbours: no Kafka, files in a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from pydantic import SecretStr

from services.chassis.blobs import FolderStore
from services.chassis.postgres import Pool, create_pool
from services.query.app import create_app
from services.query.auth.tokens import create_token
from services.query.dependencies import Dependencies
from services.query.search_slots import SearchSlots
from services.query.settings import QuerySettings
from services.readmodel.rows import Freshness
from tests.support.seed import NOW

ROOT = Path(__file__).parents[2]
Client = TestClient[Request, Application]


class OutboxRow(NamedTuple):
    """What a relay would publish."""

    topic: str
    record_key: str
    headers: dict[str, str]
    payload: str


class FixedFreshness:
    """Freshness that never changes."""

    def current(self) -> Freshness:
        return Freshness(NOW, 0.8)


@dataclass
class Site:
    """A running application: `as_admin` and `as_operator` are headers of tokens of each account."""

    client: Client
    pool: Pool
    exports: FolderStore
    files: FolderStore
    slots: SearchSlots
    headers: dict[tuple[str, str], dict[str, str]]
    outbox_before: int

    def of(self, account: str, role: str = "admin") -> dict[str, str]:
        """The headers of a caller."""
        return self.headers[account, role]

    async def outbox(self) -> list[OutboxRow]:
        """What a relay would publish since this site was opened, oldest first."""
        rows = await self.pool.fetch(
            "SELECT topic, record_key, headers, payload FROM log.outbox WHERE outbox_id > $1 ORDER BY outbox_id",
            self.outbox_before,
        )
        return [OutboxRow(*row) for row in rows]


@asynccontextmanager
async def query_site(dsn: str, folder: Path, *accounts: str) -> AsyncIterator[Site]:
    """Serves the API and pages; makes a token of each role for each account, which must exist."""
    pool = await create_pool(dsn, application_name="test-query", max_size=4)
    slots = SearchSlots(2)
    exports, files = FolderStore(folder / "exports"), FolderStore(folder / "files")
    headers: dict[tuple[str, str], dict[str, str]] = {}
    async with pool.acquire() as conn:
        outbox_before = await conn.fetchval("SELECT coalesce(max(outbox_id), 0) FROM log.outbox")
        for account in accounts:
            for role in ("operator", "admin"):
                made = await create_token(conn, account=account, role=role, name=f"{role} of test", now=NOW)
                headers[account, role] = {"Authorization": f"Bearer {made.token}"}
    app = create_app(
        Dependencies(
            settings=QuerySettings(postgres_dsn=SecretStr(dsn), query_node_modules=ROOT / "node_modules"),
            pool=pool,
            search_pool=pool,
            exports=exports,
            files=files,
            freshness=FixedFreshness(),
            slots=slots,
            clock=lambda: NOW,
        )
    )
    try:
        async with TestClient(TestServer(app)) as client:
            yield Site(client, pool, exports, files, slots, headers, outbox_before)
    finally:
        await pool.close()
