"""Keeps monthly partitions of the event log and of messages ready, some behind and some ahead of today.

What lies outside goes to the default partitions, so a missing one costs order, never an event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import asyncpg
import structlog
from bitacora_schemas.ids import CONV_KEY_EPOCH_MS, epoch_ms

from services.chassis.clock import Clock, utc_now
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))
MONTHS_BEHIND = 12
MONTHS_AHEAD = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PartitionedTable:
    """A table by its name as statements write it, how the first key of a month is written as a bound, and how full the
    pages of its partitions are written (docs/benchmarks/storage.md).
    """

    parent: str
    first_key: Callable[[datetime], str]
    fillfactor: int


def first_event_id(month: datetime) -> str:
    """The lowest id of an event of this month: the ids start with 48 bits of milliseconds."""
    return f"'{UUID(int=epoch_ms(month) << 80)}'"


def first_conv_key(month: datetime) -> str:
    """The lowest conv_key of a conversation that starts in this month."""
    return str(max(epoch_ms(month) - CONV_KEY_EPOCH_MS, 0) << 20)


TABLES = (
    PartitionedTable("log.event_log", first_event_id, fillfactor=100),
    PartitionedTable("message", first_conv_key, fillfactor=90),
)


def months_around(today: datetime, behind: int = MONTHS_BEHIND, ahead: int = MONTHS_AHEAD) -> list[datetime]:
    """First moments (UTC) of the months from `behind` before to `ahead` after that of `today`, and of the one after."""
    number = today.year * 12 + today.month - 1
    return [
        datetime(place // 12, place % 12 + 1, 1, tzinfo=UTC)
        for place in range(number - behind, number + ahead + 2)
    ]


async def make_partitions(conn: Connection, clock: Clock = utc_now, *, behind: int = MONTHS_BEHIND) -> int:
    """Makes the partitions that are missing; answers how many. Opens a transaction for each.

    `behind` is how many months before the present one get theirs: no more than retention keeps.
    One that cannot be made now (a long writer, rows of that month in the default partition) is left for the next round.
    """
    made = 0
    for table in TABLES:
        have = {row["relname"] for row in await conn.fetch(SQL["find_partitions"], table.parent)}
        months = months_around(clock(), behind)
        for month, following in pairwise(months):
            name = f"{table.parent}_{month:%Y_%m}"
            if name.rpartition(".")[2] in have:
                continue
            made += await _make(conn, table, name, month, following)
    return made


async def _make(
    conn: Connection, table: PartitionedTable, name: str, month: datetime, following: datetime
) -> bool:
    statement = SQL["create_partition"].format(
        name=name,
        parent=table.parent,
        lower=table.first_key(month),
        upper=table.first_key(following),
        fillfactor=table.fillfactor,
    )
    try:
        async with conn.transaction():
            await conn.execute(SQL["set_lock_timeout"])
            await conn.execute(statement)
    except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, asyncpg.CheckViolationError) as error:
        log.warning("partition_not_made", partition=name, error=type(error).__name__)
        return False
    except asyncpg.DuplicateTableError:
        return False  # made by another process since we looked
    log.info("partition_made", partition=name)
    return True
