"""The one moment that a file shows, and whose right to see it is looked at in that moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from services.chassis.postgres import Connection, Pool
from services.chassis.sql import load_statements
from services.chassis.transactions import transaction
from services.export.job import Job
from services.export.requester import find_requester
from services.readmodel.freshness import find_checkpoints

SQL = load_statements(Path(__file__).with_suffix(".sql"))


class Snapshot(Struct, frozen=True):
    """The database's clock and how far ingest was, by topic and partition."""

    as_of: datetime
    checkpoints: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A connection inside the snapshot; `requester` is the name of who asked."""

    conn: Connection
    snapshot: Snapshot
    requester: str


@asynccontextmanager
async def reading(pool: Pool, job: Job) -> AsyncIterator[Reading]:
    """Opens the one transaction that a job's file is read in: REPEATABLE READ, read only.

    Raises PermanentFailure(not_permitted) when the requester has lost the right since asking.
    """
    async with transaction(pool, snapshot=True) as conn:
        snapshot = await _describe(conn)
        yield Reading(conn, snapshot, await find_requester(conn, job))


async def _describe(conn: Connection) -> Snapshot:
    as_of: datetime = await conn.fetchval(SQL["snapshot_time"])
    places = await find_checkpoints(conn)
    return Snapshot(
        as_of=as_of,
        checkpoints=tuple(
            (topic, partition, place.next_offset) for (topic, partition), place in sorted(places.items())
        ),
    )
