"""Connections in the database: what an account sets for each of its sources of events."""

from pathlib import Path

import asyncpg
import msgspec
from bitacora_schemas.codes import Environment

from cli.database import open_connection
from cli.dead_letters import actor
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))

DEFAULT = -1
"""For a number of seconds: the installation's, as if the connection had never set it."""


class UnknownAccountError(Exception):
    """No account has this name."""


class ConnectionSettings(msgspec.Struct, frozen=True):
    """A connection as commands print and take it. None: the installation's, or, when setting, as it was."""

    id: str
    kind: str | None = None
    chatbot: str | None = None
    environment: str | None = None
    idle_timeout_seconds: int | None = None
    prelude_window_seconds: int | None = None


async def set_connection(dsn: str, account: str, wanted: ConnectionSettings) -> ConnectionSettings:
    """Makes or changes a connection, audited; answers what it is now. Raises UnknownAccountError."""
    async with open_connection(dsn) as conn, conn.transaction():
        account_id = await _account(conn, account)
        row = await conn.fetchrow(
            SQL["set_connection"],
            account_id,
            wanted.id,
            wanted.kind,
            wanted.chatbot,
            None if wanted.environment is None else Environment.of(wanted.environment),
            wanted.idle_timeout_seconds,
            wanted.prelude_window_seconds,
        )
        assert row is not None
        now = _read(row)
        await conn.execute(SQL["audit"], account_id, actor(), wanted.id, msgspec.to_builtins(now))
        return now


async def list_connections(dsn: str, account: str) -> list[ConnectionSettings]:
    """The configured connections of an account, by id. Raises UnknownAccountError."""
    async with open_connection(dsn) as conn:
        account_id = await _account(conn, account)
        return [_read(row) for row in await conn.fetch(SQL["list_connections"], account_id)]


async def _account(conn: Connection, account: str) -> int:
    found: int | None = await conn.fetchval(SQL["find_account"], account)
    if found is None:
        raise UnknownAccountError
    return found


def _read(row: asyncpg.Record) -> ConnectionSettings:
    environment = row["environment"]
    return ConnectionSettings(
        row["connection_id"],
        row["kind"],
        row["chatbot_id"],
        None if environment is None else Environment.stored(environment).word,
        row["idle_timeout_seconds"],
        row["prelude_window_seconds"],
    )
