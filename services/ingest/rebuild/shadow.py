"""The schema that a rebuild folds into: made from the catalogue of the live one, found again after a kill, dropped."""

from pathlib import Path

import asyncpg
import structlog

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.rules import Rules

SQL = load_statements(Path(__file__).with_suffix(".sql"))

log = structlog.get_logger(__name__)


async def prepare_shadow(conn: Connection, rules: Rules, *, afresh: bool = False) -> bool:
    """Makes an empty schema `rebuild`, or keeps the one of a rebuild that was interrupted; answers whether it was kept.

    One made under other migrations or other rules is thrown away. Opens a transaction.
    """
    if not afresh and await is_current(conn, rules):
        return True
    fingerprint = await _fingerprint(conn, rules)
    async with conn.transaction():
        await _drop(conn)
        await conn.execute(SQL["create_shadow"])
        for row in await conn.fetch(SQL["describe_shadow"]):
            await conn.execute(row["statement"])
        await conn.execute(SQL["mark_shadow"].format(fingerprint=fingerprint))
    await add_partitions(conn)
    return False


async def is_current(conn: Connection, rules: Rules) -> bool:
    """Whether the tables still have the shape of the live ones: no migration came in between."""
    made_by = await conn.fetchval(SQL["find_fingerprint"])
    return bool(made_by == await _fingerprint(conn, rules))


async def add_partitions(conn: Connection) -> None:
    """Makes the partitions that the live tables have meanwhile got; one that cannot be made costs order, no row."""
    for row in await conn.fetch(SQL["describe_partitions"]):
        try:
            async with conn.transaction():
                await conn.execute(row["statement"])
        except asyncpg.CheckViolationError:
            log.warning("rebuild_partition_not_made")  # its rows are in the default partition already


async def drop_shadow(conn: Connection) -> None:
    """Drops schema `rebuild` and forgets how far it was. Opens a transaction."""
    async with conn.transaction():
        await _drop(conn)


async def vacuum_shadow(conn: Connection) -> None:
    """Gathers what the planner wants to know. Must not run inside a transaction."""
    for table in await find_tables(conn):
        await conn.execute(SQL["vacuum_table"].format(table=table))


async def find_tables(conn: Connection) -> list[str]:
    """The projection tables by name."""
    return [row["relname"] for row in await conn.fetch(SQL["find_tables"])]


async def _drop(conn: Connection) -> None:
    await conn.execute(SQL["drop_shadow"])
    await conn.execute(SQL["clear_progress"])


async def _fingerprint(conn: Connection, rules: Rules) -> str:
    windows = (
        rules.prelude_window,
        rules.evaluation_window,
        rules.late_window,
        rules.clock_tolerance,
    )
    migrations = await conn.fetchval(SQL["count_migrations"])
    return f"{migrations} migrations, windows {' '.join(f'{window.total_seconds():g}' for window in windows)}"
