"""Watches the workers through the database: who is amid a batch, how far each partition is, who stands still."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.chassis.sql import load_statements
from tests.support.faults.proxy import FaultProxy

SQL = load_statements(Path(__file__).with_suffix(".sql"))
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What a question raises while the database is away."""


@dataclass(frozen=True, slots=True)
class Session:
    """A connection of a worker: is it amid a batch, and does it wait for somebody's lock?"""

    port: int
    in_batch: bool
    waits: bool


class Observer:
    """Asks by a connection of its own, as the superuser and past the proxies; answers nothing while there is none."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._conn: asyncpg.Connection | None = None
        self._asking = asyncio.Lock()
        self.positions: dict[int, int] = {}
        self.moved_at: dict[int, float] = {}

    async def sessions(self) -> list[Session]:
        """The workers' connections; empty when the database is away."""
        return [
            Session(row["client_port"], row["in_batch"], row["waits"])
            for row in await self._ask("find_sessions")
        ]

    async def in_batch(self, proxy: FaultProxy) -> bool:
        """Whether the worker behind this proxy has a batch open."""
        ports = proxy.server_ports()
        return any(session.in_batch and session.port in ports for session in await self.sessions())

    async def look(self) -> Mapping[int, int]:
        """Partition to checkpoint, as last known; notes when each moved."""
        for row in await self._ask("find_positions"):
            partition, offset = row["partition"], row["next_offset"]
            if self.positions.get(partition) != offset:
                self.positions[partition] = offset
                self.moved_at[partition] = time.monotonic()
        return self.positions

    async def end_sessions(self) -> int:
        """Ends the workers' connections; answers how many there were."""
        rows = await self._ask("end_sessions")
        return int(rows[0][0]) if rows else 0

    @asynccontextmanager
    async def held_checkpoints(self) -> AsyncIterator[None]:
        """Nobody gets on: every batch waits for its checkpoint row. Raises a database error when it cannot be had."""
        conn = await asyncpg.connect(self._dsn, timeout=10)
        try:
            async with conn.transaction():
                await conn.fetchval(SQL["hold_checkpoints"], timeout=30)
                yield
        finally:
            await conn.close(timeout=5)

    async def close(self) -> None:
        """Lets the connection go."""
        self._drop()

    async def _ask(self, name: str) -> list[asyncpg.Record]:
        async with self._asking:
            try:
                if self._conn is None or self._conn.is_closed():
                    self._conn = await asyncpg.connect(self._dsn, timeout=5)
                return await self._conn.fetch(SQL[name], timeout=10)
            except LOST:
                self._drop()
                return []

    def _drop(self) -> None:
        if self._conn is not None:
            self._conn.terminate()
            self._conn = None
