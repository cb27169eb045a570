"""Finding the one record that the database refuses, so that the others of its batch are kept."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg

from services.chassis.postgres import Connection

PROGRAM_LIMIT_EXCEEDED = "54000"
"""Among them: a value too long for an index."""

T = TypeVar("T")
R = TypeVar("R")


def is_data_error(error: BaseException) -> bool:
    """Whether the database refused a value, not the statement: U+0000, a time out of range, a key too long."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state.startswith("22") or state == PROGRAM_LIMIT_EXCEEDED
    return isinstance(error, UnicodeEncodeError | OverflowError)


def describe(error: BaseException) -> str:
    """Kind and SQLSTATE of a refusal; its message is left out, since it may quote the value."""
    state = getattr(error, "sqlstate", None)
    return f"{type(error).__name__} {state}" if state else type(error).__name__


async def store_all_but_refused(
    conn: Connection, items: Sequence[T], store: Callable[[Sequence[T]], Awaitable[R]]
) -> tuple[list[R], list[tuple[T, str]]]:
    """Stores items in order, by halves where a value is refused; answers what `store` gave, and the refused with why.

    Runs inside the caller's transaction; each attempt is a savepoint.
    """
    if not items:
        return [], []
    try:
        async with conn.transaction():
            return [await store(items)], []
    except (asyncpg.PostgresError, UnicodeEncodeError, OverflowError) as error:
        if not is_data_error(error):
            raise
        if len(items) == 1:
            return [], [(items[0], describe(error))]
    middle = len(items) // 2
    first_stored, first_refused = await store_all_but_refused(conn, items[:middle], store)
    stored, refused = await store_all_but_refused(conn, items[middle:], store)
    return first_stored + stored, first_refused + refused
