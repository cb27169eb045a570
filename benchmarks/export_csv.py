"""`python -m benchmarks.export_csv [ROWS]`: a CSV of the list, beside psql COPY of the same query and a plain cursor.

Wall seconds and client CPU seconds, best of several rounds in turn; peak memory is that of what the Python peers held.
psql is a peer where the machine has one.
"""

import asyncio
import csv
import re
import shutil
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from uuid import UUID

from asyncpg import utils as asyncpg_utils
from bitacora_schemas.exports.formats import CsvSpec

from embedded.postgres import EmbeddedPostgres
from embedded.reach import server_user, temporary_folder
from services.chassis.blobs import FolderStore
from services.chassis.migrations import migrate
from services.chassis.postgres import OwnConnection, Pool, connect, create_pool
from services.export.job import Job
from services.export.renderers.csv import header_line, render_csv, statement
from services.export.tools import Tools, Typesetting
from services.readmodel.filters import ConversationFilter, compile_filter

ROUNDS = 3
CURSOR_ROWS = 5_000
NOW = datetime(2026, 3, 2, tzinfo=UTC)
SPEC = CsvSpec(timezone="America/Sao_Paulo", masked=False)
FILL = """
INSERT INTO ops.account (slug, name) VALUES ('acme', 'Acme');
INSERT INTO ops.app_user (email, name) VALUES ('ada@example.com', 'Ada');
INSERT INTO ops.membership VALUES (1, 1, 'admin');
INSERT INTO contact (account_id, contact_id, name, email, phone, company_id)
SELECT 1, md5(n::text)::uuid, 'Cliente ' || n, 'cliente' || n || '@example.com', '+55119' || lpad(n::text, 8, '0'), 'CL-' || n
  FROM generate_series(0, {rows} / 4) n;
INSERT INTO conversation (account_id, conv_key, conversation_id, thread_key, contact_id, environment, status, channel,
       channel_address, started_at, opened_event_id, opened_position, ended_at, end_reason, end_by_kind, first_message_at,
       last_message_at, last_activity_at, customer_count, assistant_count, chatbot_id, chatbot_name, assistants, nps, csat)
SELECT 1, n::bigint << 20, gen_random_uuid(), 'k' || n, md5((n / 4)::text)::uuid, 1, 2, 'whatsapp', '100', at,
       gen_random_uuid(), n, at + '9 min', 'timeout', 'system', at, at + '8 min', at + '8 min', 4, 5, 'pedidos', 'Pedidos',
       '[{{"id": "clara", "name": "Clara"}}]', n % 11, CASE WHEN n % 3 = 0 THEN n % 5 + 1 END
  FROM (SELECT n, timestamptz '2025-01-01' + n * interval '20 s' AS at FROM generate_series(1, {rows}) n) rows;
ANALYZE conversation; ANALYZE contact;
"""


@dataclass
class Figure:
    """The best of a peer's rounds; `held_mb` is None for another program."""

    wall: float = float("inf")
    cpu: float = float("inf")
    held_mb: float | None = None


async def main(rows: int) -> None:
    """Prints a Markdown table."""
    folder = temporary_folder(server_user())
    cache = Path(__file__).parents[1] / ".bitacora" / "cache"
    with (
        EmbeddedPostgres(folder=folder / "postgres", cache=cache, ephemeral=True) as server,
        tempfile.TemporaryDirectory() as out,
    ):
        await migrate(server.dsn)
        conn = await connect(server.dsn, application_name="benchmark")
        await conn.execute(FILL.format(rows=rows))
        async with await create_pool(server.dsn, application_name="benchmark") as pool:
            figures = await measure(conn, pool, server.dsn, Path(out), rows)
        await conn.close()
    shutil.rmtree(folder, ignore_errors=True)
    bound = figures.get("psql \\copy", figures["ours"]).wall
    print(f"{rows:,} rows\n\n| writer | wall s | x of psql | client CPU s | held MB |\n|---|---|---|---|---|")
    for name, figure in figures.items():
        held = "" if figure.held_mb is None else f"{figure.held_mb:.0f}"
        print(f"| {name} | {figure.wall:.2f} | {figure.wall / bound:.2f} | {figure.cpu:.2f} | {held} |")


async def measure(conn: OwnConnection, pool: Pool, dsn: str, out: Path, rows: int) -> dict[str, Figure]:
    """Every peer in turn, several times."""
    query, args = statement(SPEC, compile_filter(ConversationFilter(), 1))
    text = re.sub(r"--[^\n]*", "", query)  # psql wants its \\copy in one line
    text = (await asyncpg_utils._mogrify(conn, text, args)).replace("\n", " ")  # noqa: SLF001  as asyncpg's own COPY does

    tools = Tools(pool, FolderStore(out), Typesetting((), frozenset(), 0, 0, 0))

    async def ours() -> None:
        result = await render_csv(tools, job(), SPEC, lambda _: None)
        assert result.manifest["rows"] == rows

    async def cursor() -> None:
        with (out / "cursor.csv").open("w", newline="", encoding="utf-8") as file:
            file.write(header_line(SPEC))
            writer = csv.writer(file)
            async with conn.transaction(isolation="repeatable_read", readonly=True):
                opened = await conn.cursor(query, *args)
                while batch := await opened.fetch(CURSOR_ROWS):
                    writer.writerows(batch)

    async def psql() -> None:
        command = f"\\copy ({text}) to '{out / 'psql.csv'}' with (format csv, force_quote *)"
        process = await asyncio.create_subprocess_exec(
            "psql", dsn, "-qXc", "SET search_path = projection, public", "-c", command
        )
        assert await process.wait() == 0

    peers: dict[str, Callable[[], Awaitable[None]]] = {"ours": ours, "cursor and csv module": cursor}
    if shutil.which("psql"):
        peers["psql \\copy"] = psql
    figures = {name: Figure() for name in peers}
    for _ in range(ROUNDS):
        for name, write in peers.items():
            who = RUSAGE_CHILDREN if write is psql else RUSAGE_SELF
            before, began = cpu(who), time.perf_counter()
            await write()
            figures[name].wall = min(figures[name].wall, time.perf_counter() - began)
            figures[name].cpu = min(figures[name].cpu, cpu(who) - before)
    for name, write in peers.items():
        if write is not psql:
            tracemalloc.start()
            await write()
            figures[name].held_mb = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
    return figures


def job() -> Job:
    """A claimed job, as the worker would hand it over."""
    return Job(
        account_id=1, account="acme", account_name="Acme", export_id=UUID(int=1), request_key="k", requested_by="user:1",
        role="admin", format="csv", spec={}, attempt=1, created_at=NOW, claimed_at=NOW,
    )  # fmt: skip


def cpu(who: int) -> float:
    """User and system seconds so far."""
    usage = getrusage(who)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) == 2 else 200_000))
