"""Puts the rebuilt schema in the place of the live one, in one short transaction; clears up behind it."""

import asyncio
import time
from pathlib import Path

import asyncpg
import structlog

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.rules import Rules
from services.ingest.rebuild.replay import replay
from services.ingest.rebuild.shadow import SQL as SHADOW_SQL
from services.ingest.rebuild.shadow import add_partitions, find_tables, is_current

SQL = load_statements(Path(__file__).with_suffix(".sql"))
INGEST_TIMEOUT = "5s"
READERS_TIMEOUT = "500ms"
PAUSE_SECONDS = 1.0
OLD = "projection_old"

log = structlog.get_logger(__name__)


class NoSwapError(Exception):
    """Readers or ingest held their locks all the time; nothing was swapped, and the rebuild can be resumed."""


class OutOfDateError(Exception):
    """The database was migrated since the rebuild began; nothing was swapped, and the next one begins anew."""


class _InTheWayError(Exception):
    """Somebody holds a snapshot from before the swap."""


async def swap(conn: Connection, rules: Rules, *, batch: int, wait_seconds: float) -> int:
    """Replays the rest and swaps, trying again while readers are in the way; answers how many events the rest was.

    Opens transactions. Ingest waits while one is open, readers at most half a second. Raises NoSwapError, OutOfDateError.
    """
    deadline = time.monotonic() + wait_seconds
    caught_up = 0
    while True:
        try:
            return caught_up + await _swap_once(conn, rules, batch)
        except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, _InTheWayError) as error:
            log.info("rebuild_swap_waits", error=type(error).__name__)
            if time.monotonic() > deadline:
                raise NoSwapError from error
        await asyncio.sleep(PAUSE_SECONDS)
        caught_up += await replay(conn, rules, batch=batch)


async def _swap_once(conn: Connection, rules: Rules, batch: int) -> int:
    async with conn.transaction():
        await conn.execute(SQL["wait_for_disk"])
        await hold_ingest(conn)
        if not await is_current(conn, rules):
            raise OutOfDateError
        await add_partitions(conn)
        read = await replay(conn, rules, batch=batch)
        tables = ", ".join(f"projection.{table}" for table in await find_tables(conn))
        await conn.execute(SQL["wait_briefly"], READERS_TIMEOUT)
        await conn.execute(SQL["lock_live"].format(tables=tables))
        if await conn.fetchval(SQL["find_older_snapshots"]):
            raise _InTheWayError
        await conn.execute(SQL["move_live_away"])
        await conn.execute(SQL["move_rebuilt_in"].format())
        await conn.execute(SQL["unmark"].format())
        await conn.execute(SHADOW_SQL["clear_progress"])
    return read


async def hold_ingest(conn: Connection) -> None:
    """Lets no checkpoint move before the caller's transaction ends. Raises LockNotAvailableError after five seconds."""
    await conn.execute(SQL["wait_briefly"], INGEST_TIMEOUT)
    await conn.execute(SQL["hold_ingest"])
    await conn.execute(SQL["wait_briefly"], "0")


async def clear_up(conn: Connection, *, wait_seconds: float) -> None:
    """Queues what search must read anew and drops what was swapped out, if anything was. Opens transactions."""
    if not await conn.fetchval(SQL["old_exists"]):
        return
    async with conn.transaction():
        await conn.execute(SQL["mark_changed"].format(old=OLD))
        await conn.execute(SQL["delete_documents"].format(old=OLD))
    deadline = time.monotonic() + wait_seconds
    while not await _drop_old(conn):
        if time.monotonic() > deadline:
            raise NoSwapError
        await asyncio.sleep(PAUSE_SECONDS)


async def _drop_old(conn: Connection) -> bool:
    try:
        async with conn.transaction():
            await conn.execute(SQL["wait_briefly"], READERS_TIMEOUT)
            await conn.execute(SQL["drop_old"].format(old=OLD))
    except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError):
        return False
    return True
