"""Statements that take their keys as one array a column."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from services.chassis.postgres import Connection


async def fetch_keyed(
    conn: Connection, statement: str, rows: Iterable[tuple[Any, ...]]
) -> Sequence[asyncpg.Record]:
    """Runs a statement for these keys; asks nothing when there are none."""
    columns = list(zip(*rows, strict=True))
    return await conn.fetch(statement, *columns) if columns else ()


async def execute_keyed(conn: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Runs a statement that writes these rows; nothing when there are none."""
    columns = list(zip(*rows, strict=True))
    if columns:
        await conn.execute(statement, *columns)
