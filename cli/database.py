"""How a command uses the database: one connection while it works, and a sentence for what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, TypeVar

import asyncpg
import typer

from services.chassis.connection_faults import name_fault
from services.chassis.postgres import DATABASE_ERRORS, OwnConnection, connect

EXIT_FAILED = 1

T = TypeVar("T")
Refusals = Mapping[type[BaseException], str | Callable[[Any], str]]
"""What a command says when its work raises this: a sentence, or what makes one of the error."""

_DATABASE: Refusals = {
    asyncpg.UndefinedTableError: "the database has no tables yet; run `bitacora migrate`",
    **dict.fromkeys(DATABASE_ERRORS, lambda error: f"cannot use the database: {name_fault(error)} ({error})"),
}


@asynccontextmanager
async def open_connection(dsn: str) -> AsyncIterator[OwnConnection]:
    """A connection for as long as the block runs."""
    conn = await connect(dsn, application_name="bitacora-cli")
    try:
        yield conn
    finally:
        await conn.close()


def run(work: Coroutine[Any, Any, T], refusals: Refusals = MappingProxyType({})) -> T:
    """Runs work and answers its result; a refusal, or a fault of the database, is told on stderr and ends with 1.

    `refusals` are asked first, in their order. Any other error is a bug and passes.
    """
    known = {**refusals, **_DATABASE}
    try:
        return asyncio.run(work)
    except tuple(known) as error:
        said = next(said for kind, said in known.items() if isinstance(error, kind))
        typer.echo(said if isinstance(said, str) else said(error), err=True)
    raise typer.Exit(EXIT_FAILED)
