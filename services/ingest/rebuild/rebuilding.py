"""A whole rebuild, from the lock to the swap or to the verdict; resumes what was interrupted."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from services.chassis.postgres import OwnConnection, connect
from services.ingest.projection.rules import Rules
from services.ingest.rebuild import replay as replaying
from services.ingest.rebuild import shadow
from services.ingest.rebuild.compare import Comparison, compare
from services.ingest.rebuild.replay import BATCH_EVENTS, Report, replay, report_nothing
from services.ingest.rebuild.swap import clear_up, swap

SEARCH_PATH = "rebuild, public"
APPLICATION = "bitacora-rebuild"


class LogCutError(Exception):
    """Retention took the log before `before`: folding the rest would lose `conversations`, and what contacts told."""

    def __init__(self, before: datetime, conversations: int) -> None:
        super().__init__(f"the log begins at {before:%Y-%m-%d}; {conversations} conversations are older")
        self.before = before
        self.conversations = conversations


class RebuildRunsError(Exception):
    """Another rebuild runs on this database."""


@dataclass(frozen=True, slots=True)
class RebuildOptions:
    """How to rebuild: events in a transaction, seconds to try the swap for, and whether to forget an earlier attempt."""

    batch: int = BATCH_EVENTS
    wait_seconds: float = 300.0
    afresh: bool = False
    accept_loss: bool = False
    """Whether to go on although retention has taken the head of the log."""


class Rebuilt(Struct, frozen=True):
    """What a rebuild did: events read this time, seconds it took to read them, whether an earlier one was resumed.

    `tables` only after a comparison, and then nothing was swapped.
    """

    events: int
    seconds: float
    resumed: bool
    tables: tuple[Comparison, ...] = ()

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds if self.seconds else 0.0

    @property
    def equal(self) -> bool:
        """Whether all tables compared are the same."""
        return all(table.equal for table in self.tables)


async def rebuild(
    dsn: str, rules: Rules, options: RebuildOptions | None = None, report: Report = report_nothing
) -> Rebuilt:
    """Folds the log anew and swaps the result in, while ingest and readers go on.

    Raises RebuildRunsError, LogCutError, NoSwapError, OutOfDateError and database errors; after each of them, and after a
    kill, the live tables are whole, and the next call goes on where this one was.
    """
    options = options or RebuildOptions()
    async with _only_rebuild(dsn, options) as conn:
        await clear_up(conn, wait_seconds=options.wait_seconds)
        resumed, read, seconds = await _fold(conn, rules, options, report)
        await shadow.vacuum_shadow(conn)
        rest = await swap(conn, rules, batch=options.batch, wait_seconds=options.wait_seconds)
        await clear_up(conn, wait_seconds=options.wait_seconds)
    return Rebuilt(read + rest, seconds, resumed)


async def verify(
    dsn: str, rules: Rules, options: RebuildOptions | None = None, report: Report = report_nothing
) -> Rebuilt:
    """Folds the log anew, compares with the live tables and drops the result; raises what `rebuild` raises."""
    options = options or RebuildOptions()
    async with _only_rebuild(dsn, options) as conn, _connection(dsn) as holder, _connection(dsn) as reader:
        resumed, read, seconds = await _fold(conn, rules, options, report)
        tables = await compare(conn, holder, reader, rules, batch=options.batch)
        await shadow.drop_shadow(conn)
    return Rebuilt(read, seconds, resumed, tuple(tables))


async def _fold(
    conn: OwnConnection, rules: Rules, options: RebuildOptions, report: Report
) -> tuple[bool, int, float]:
    """Replays until little is left: whether it was resumed, events read, seconds."""
    resumed = await shadow.prepare_shadow(conn, rules, afresh=options.afresh)
    await conn.execute(replaying.SQL["commit_without_waiting"])
    started = time.perf_counter()
    total = 0
    while True:
        await shadow.add_partitions(conn)
        read = await replay(conn, rules, batch=options.batch, report=report)
        total += read
        if read <= options.batch:
            return resumed, total, time.perf_counter() - started


@asynccontextmanager
async def _only_rebuild(dsn: str, options: RebuildOptions) -> AsyncIterator[OwnConnection]:
    async with _connection(dsn, SEARCH_PATH) as conn:
        if not await conn.fetchval(shadow.SQL["try_lock"]):
            raise RebuildRunsError
        # Under the lock, which keeps retention from cutting the log until we are done.
        cut: datetime | None = await conn.fetchval(replaying.SQL["find_cut"])
        if cut is not None and not options.accept_loss:
            older = await conn.fetchval(replaying.SQL["count_older"], cut)
            raise LogCutError(cut, older)
        yield conn


@asynccontextmanager
async def _connection(dsn: str, search_path: str = "projection, public") -> AsyncIterator[OwnConnection]:
    conn = await connect(dsn, application_name=APPLICATION, search_path=search_path)
    try:
        yield conn
    finally:
        await conn.close()
