"""The pages with a database behind them, served from a thread; ingest and export are stood in for."""

from __future__ import annotations

import asyncio
import hashlib
import struct
import threading
import zlib
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web
from pydantic import SecretStr

from services.chassis.blobs import FolderStore
from services.chassis.postgres import Pool, create_pool
from services.chassis.sql import load_statements
from services.query.app import create_app
from services.query.auth.links import issue_setup_token, issue_sign_in_link
from services.query.auth.passwords import Passwords
from services.query.auth.people import create_person
from services.query.dependencies import Dependencies
from services.query.search_slots import SearchSlots
from services.query.settings import QuerySettings
from services.readmodel.rows import Freshness
from tests.browser.story import tell

SQL = load_statements(Path(__file__).with_suffix(".sql"))

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / ".bitacora" / "screenshots"
ACCOUNT = "acme"
EMAIL, PASSWORD = "marta@example.com", "una frase bien larga"
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


class FreshNow:
    """Says that everything up to a moment ago can be read."""

    def current(self) -> Freshness:
        return Freshness(datetime.now(UTC), 0.8)


@dataclass
class Site:
    """A running site. `rich` is the id of the conversation that has everything; `link()` makes a way in."""

    dsn: str
    folder: Path
    peopled: bool = True
    url: str = ""
    rich: UUID | None = None
    account_id: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _ready: Future[None] = field(default_factory=Future)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """Serves from a thread of its own; returns once pages answer."""
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._run(),), daemon=True
        )
        self._thread.start()
        self._ready.result(timeout=60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=20)
        self._loop.close()

    def link(self) -> str:
        """The address of a single-use link for an operator."""

        async def issue() -> str:
            return await issue_sign_in_link(self._conn, account=ACCOUNT, role="operator")

        return self.url + asyncio.run_coroutine_threadsafe(issue(), self._loop).result(timeout=10)

    def setup_link(self) -> str:
        """The address that makes the first admin."""

        async def issue() -> str | None:
            return await issue_setup_token(self._conn)

        token = asyncio.run_coroutine_threadsafe(issue(), self._loop).result(timeout=10)
        return f"{self.url}/setup?token={token}"

    @staticmethod
    def shot(name: str) -> Path:
        """Where a picture of a page is kept."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        return SHOTS / f"{name}.png"

    def count_audit(self, action: str) -> int:
        """How many audit entries of this action there are."""

        async def count() -> int:
            return int(await self._conn.fetchval(SQL["count_audit"], self.account_id, action))

        return asyncio.run_coroutine_threadsafe(count(), self._loop).result(timeout=10)

    async def _run(self) -> None:
        try:
            await self._serve()
        except Exception as error:  # the thread's outermost loop: hand the reason to whoever waits for us
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        pool = await create_pool(self.dsn, application_name="browser-tests")
        self._conn = await asyncpg.connect(self.dsn)
        files, exports = FolderStore(self.folder / "files"), FolderStore(self.folder / "exports")
        if self.peopled:
            await self._people(pool, files)
        dependencies = Dependencies(
            settings=QuerySettings(
                postgres_dsn=SecretStr(self.dsn), query_node_modules=ROOT / "node_modules"
            ),
            pool=pool, search_pool=pool, exports=exports, files=files,
            freshness=FreshNow(), slots=SearchSlots(8),
        )  # fmt: skip
        app = create_app(dependencies)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        workers = [
            asyncio.create_task(_make_files(pool, exports)),
            asyncio.create_task(_apply_ends(pool, self.account_id)),
        ]
        self._ready.set_result(None)
        await self._stop.wait()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await runner.cleanup()
        await self._conn.close()
        await pool.close()

    async def _people(self, pool: Pool, files: FolderStore) -> None:
        """An account with an operator and its conversations."""
        self.account_id = await pool.fetchval(SQL["add_account"], ACCOUNT, "Acme")
        passwords = Passwords()
        async with pool.acquire() as conn:
            await create_person(
                conn,
                passwords,
                account=ACCOUNT,
                email=EMAIL,
                name="Marta Olivera",
                role="operator",
                password=PASSWORD,
            )
        passwords.close()
        stored = await _store_files(files)
        self.rich = await tell(
            self._conn, self.account_id, picture=stored["picture"], document=stored["document"]
        )


async def _store_files(files: FolderStore) -> dict[str, dict[str, object]]:
    """A picture and a document in the store of files, as columns of `file`."""
    stored: dict[str, dict[str, object]] = {}
    for role, kind, name, mime_type, body in (
        ("picture", "image", "captura.png", "image/png", png(420, 260)),
        ("document", "document", "comprobante.pdf", "application/pdf", PDF),
    ):
        await files.put(f"seed/{role}", _once(body))
        stored[role] = {
            "file_id": f"f-{role}", "kind": kind, "mime_type": mime_type, "name": name, "size_bytes": len(body),
            "state": "stored", "stored_uri": f"blob:seed/{role}",
        }  # fmt: skip
    return stored


async def _apply_ends(pool: Pool, account_id: int) -> None:
    """Applies operators' ends as relay and ingest would, after a moment in which the page can be seen waiting."""
    while True:
        await asyncio.sleep(0.15)
        for row in await pool.fetch(SQL["take_outbox"]):
            await asyncio.sleep(0.3)
            data = msgspec.json.decode(row["payload"])["data"]
            await pool.execute(
                SQL["end_conversation"], account_id, UUID(data["conversation_id"]), data["by"]["name"]
            )


async def _make_files(pool: Pool, exports: FolderStore) -> None:
    """Makes every file that is asked for, after a moment in which the page can be seen waiting."""
    while True:
        await asyncio.sleep(0.15)
        job = await pool.fetchrow(SQL["next_job"])
        if job is None:
            continue
        await asyncio.sleep(0.6)
        csv = job["format"] == "csv"
        body = "\ufeffid;nombre\r\n1;Lucía\r\n".encode() if csv else PDF
        key = f"{job['export_id']}/1"
        await exports.put(key, _once(body))
        name = f"conversaciones-{job['export_id'].hex[:6]}.csv" if csv else "conversacion-lucia-mendez.pdf"
        await pool.execute(
            SQL["finish_job"], job["account_id"], job["export_id"], key, len(body), 1 if csv else None,
            hashlib.sha256(body).hexdigest(), name, "text/csv" if csv else "application/pdf",
        )  # fmt: skip


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def png(width: int, height: int) -> bytes:
    """A small picture: a soft gradient with a darker band, as a stand-in for a screenshot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(
        b"\0" + b"".join(
            bytes((30, 60, 70)) if y < height // 8 else bytes((225 - x * 40 // width, 236, 240 - y * 30 // height))
            for x in range(width)
        )
        for y in range(height)
    )  # fmt: skip
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
