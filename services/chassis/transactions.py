"""Where a transaction begins: with the piece of work that takes its connection from the pool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from services.chassis.postgres import Connection, Pool


@asynccontextmanager
async def transaction(pool: Pool, *, snapshot: bool = False) -> AsyncIterator[Connection]:
    """A connection in a transaction of its own: committed at the end, rolled back by whatever is raised.

    `snapshot`: every statement in it sees the same moment, and none may write.
    """
    isolation: Literal["repeatable_read"] | None = "repeatable_read" if snapshot else None
    async with pool.acquire() as conn, conn.transaction(isolation=isolation, readonly=snapshot):
        yield conn
