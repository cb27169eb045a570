"""Takes months away that the policy no longer keeps: messages with what hangs on them, then the log of the same month.

What stays, what holds a month and why is told in docs/decisions/0014. Nothing here is in the way of ingest for longer than
twice LOCK_TIMEOUT_MS at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import structlog
from msgspec import Struct

from services.chassis.clock import Clock, utc_now
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest import metrics
from services.ingest.projection.registry import CLEARED_WITH_MESSAGES
from services.ingest.upkeep.partitions import TABLES, PartitionedTable, months_around

SQL = load_statements(Path(__file__).with_suffix(".sql"))
LOCK_TIMEOUT_MS = 250
BATCH = 2_000
SYSTEM = "system"

log = structlog.get_logger(__name__)

EVENTS, MESSAGES = TABLES
Leaving = Sequence[asyncpg.Record]
"""Messages by account_id, conv_key, sort_at, message_key."""


class Month(Struct, frozen=True):
    """A monthly partition that the policy no longer keeps; `held` says what is in the way, None when it may go."""

    partition: str
    month: datetime
    rows: int
    bytes: int
    held: str | None


@dataclass(frozen=True, slots=True)
class _Span:
    """A month as keys of a partitioned table."""

    low: int
    high: int


def cut_of(today: datetime, months: int) -> datetime:
    """Where a policy of so many whole months, beside the present one, cuts: the first moment that is kept."""
    return months_around(today, behind=months, ahead=0)[0]


async def plan(conn: Connection, months: int, *, clock: Clock = utc_now) -> list[Month]:
    """Every partition older than the policy, messages first, oldest first. `months` is at least 1. Changes nothing."""
    cut = cut_of(clock(), months)
    rebuilding = await conn.fetchval(SQL["rebuild_is_under_way"])
    planned: list[Month] = []
    held: dict[datetime, str] = {}
    for table in (MESSAGES, EVENTS):
        for row in await conn.fetch(SQL["list_months"], table.parent):
            month = _month_of(row["relname"])
            if month >= cut:
                continue
            why = "a rebuild is under way" if rebuilding else held.get(month)
            if why is None and table is MESSAGES:
                why = await _held_by_conversations(conn, month, cut)
            if why is not None:
                held[month] = why
            planned.append(Month(row["partition"], month, row["rows"], row["bytes"], why))
    return planned


async def apply(conn: Connection, months: int, *, clock: Clock = utc_now, actor: str = SYSTEM) -> list[Month]:
    """Takes away what `plan` lets go; answers the partitions dropped. Opens transactions, safe to repeat and to kill.

    A month whose lock cannot be had at once, or that got a conversation meanwhile, is left for the next round.
    """
    cut = cut_of(clock(), months)
    planned = await plan(conn, months, clock=clock)
    metrics.RETENTION_HELD.set(sum(month.held is not None for month in planned))
    dropped = []
    left: set[datetime] = set()
    for month in planned:
        if month.held is not None:
            log.info("month_held", partition=month.partition, why=month.held)
            continue
        if not _is_of(MESSAGES, month):
            gone = month.month not in left and await _drop(conn, EVENTS, month, actor)
        else:
            await _clear_month(conn, month)
            # Asked again, since clearing takes its time: a late answer may have joined a conversation meanwhile.
            held = await _held_by_conversations(conn, month.month, cut)
            gone = held is None and await _drop(conn, MESSAGES, month, actor)
        if gone:
            dropped.append(month)
        else:
            left.add(month.month)
    if not await conn.fetchval(SQL["rebuild_is_under_way"]):
        await _clear_defaults(conn, cut)
    return dropped


async def _held_by_conversations(conn: Connection, month: datetime, cut: datetime) -> str | None:
    span = _span(month)
    held = await conn.fetchval(SQL["count_held"], span.low, span.high, cut)
    return f"{held} conversations of it are open or were alive after {cut:%Y-%m}" if held else None


async def _clear_month(conn: Connection, month: Month) -> None:
    """What hangs on the messages of a month, a batch a transaction; the messages themselves go with their partition."""
    span = _span(month.month)
    statement = SQL["read_leaving"].format(partition=month.partition)
    place: tuple[object, ...] = (0, 0, datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
    while rows := await conn.fetch(statement, span.low, span.high, *place, BATCH):
        async with conn.transaction():
            await _clear(conn, rows)
        place = tuple(rows[-1])


async def _clear(conn: Connection, rows: Leaving) -> None:
    accounts = [row["account_id"] for row in rows]
    keys = [row["message_key"] for row in rows]
    for table in CLEARED_WITH_MESSAGES:
        await conn.execute(SQL["clear_hanging"].format(table=table), accounts, keys)
    await conn.execute(SQL["clear_documents"], accounts, [row["conv_key"] for row in rows])


async def _drop(conn: Connection, table: PartitionedTable, month: Month, actor: str) -> bool:
    before = _following(month.month)
    try:
        async with conn.transaction():
            if not await conn.fetchval(SQL["hold_off_rebuilds"]):
                return False
            await conn.execute(SQL["set_lock_timeout"], LOCK_TIMEOUT_MS)
            filled = await conn.fetchval(SQL["has_rows"].format(partition=month.partition))
            rows = max(month.rows, 1) if filled else 0
            await conn.execute(SQL["drop_month"].format(partition=month.partition))
            await conn.execute(
                SQL["record_dropped"], table.parent, month.partition, before, rows, month.bytes
            )
            detail = {"month": f"{month.month:%Y-%m}", "rows": rows, "bytes": month.bytes}
            await conn.execute(SQL["audit"], actor, month.partition, detail)
    except (
        asyncpg.LockNotAvailableError,
        asyncpg.QueryCanceledError,
        asyncpg.DeadlockDetectedError,
    ) as error:
        log.info("month_not_dropped", partition=month.partition, error=type(error).__name__)
        return False
    metrics.RETENTION_DROPPED_BYTES.inc(month.bytes)
    log.info("month_dropped", partition=month.partition, rows=rows, bytes=month.bytes)
    return True


async def _clear_defaults(conn: Connection, cut: datetime) -> None:
    """Rows of months that never had a partition, and events whose ids tell no month."""
    messages = events = 0
    high = _span(cut).low
    while rows := await conn.fetch(SQL["read_leaving_default"], high, cut, BATCH):
        async with conn.transaction():
            await _clear(conn, rows)
            await conn.execute(SQL["delete_messages"], *zip(*map(tuple, rows), strict=True))
            await conn.execute(SQL["record_dropped"], MESSAGES.parent, "message_default", cut, len(rows), 0)
        messages += len(rows)
    for stream in await conn.fetch(SQL["list_streams"]):
        while gone := await _delete_events(conn, stream["stream_id"], cut):
            events += gone
    if messages or events:
        log.info("default_partitions_cleared", messages=messages, events=events)


async def _delete_events(conn: Connection, stream_id: int, cut: datetime) -> int:
    async with conn.transaction():
        gone = int((await conn.execute(SQL["delete_events"], stream_id, cut, BATCH)).rpartition(" ")[2])
        if gone:
            await conn.execute(SQL["record_dropped"], EVENTS.parent, "log.event_log_default", cut, gone, 0)
    return gone


def _is_of(table: PartitionedTable, month: Month) -> bool:
    return month.partition.rpartition(".")[2].startswith(table.parent.rpartition(".")[2] + "_")


def _month_of(relname: str) -> datetime:
    return datetime(int(relname[-7:-3]), int(relname[-2:]), 1, tzinfo=UTC)


def _following(month: datetime) -> datetime:
    return months_around(month, behind=0, ahead=0)[1]


def _span(month: datetime) -> _Span:
    return _Span(int(MESSAGES.first_key(month)), int(MESSAGES.first_key(_following(month))))
