"""Accounts in the database: made, found, listed."""

from datetime import datetime
from pathlib import Path

import asyncpg
import msgspec

from cli.database import open_connection
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))


class Account(msgspec.Struct, frozen=True):
    """An account as commands print it; `id` is what events carry as accountid."""

    id: str
    name: str
    timezone: str
    created_at: datetime


async def create_account(dsn: str, account: str, name: str, timezone: str) -> tuple[bool, Account]:
    """Whether the account was made now, and what it is. One that exists stays as it is."""
    async with open_connection(dsn) as connection:
        made = await connection.fetchrow(SQL["create_account"], account, name, timezone)
        row = made or await connection.fetchrow(SQL["find_account"], account)
        assert row is not None
        return made is not None, _account(row)


async def list_accounts(dsn: str) -> list[Account]:
    """Every account, by id."""
    async with open_connection(dsn) as connection:
        return [_account(row) for row in await connection.fetch(SQL["list_accounts"])]


def _account(row: asyncpg.Record) -> Account:
    return Account(id=row["slug"], name=row["name"], timezone=row["timezone"], created_at=row["created_at"])
