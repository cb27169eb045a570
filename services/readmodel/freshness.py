"""How far the projections are: everything that Kafka had until `as_of` can be read."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.readmodel.rows import Freshness

SQL = load_statements(Path(__file__).with_suffix(".sql"))

Partition = tuple[str, int]


class Checkpoint(Struct, frozen=True):
    """The next offset that ingest will apply, and when it last moved."""

    next_offset: int
    updated_at: datetime
    halted: bool


async def find_checkpoints(conn: Connection) -> dict[Partition, Checkpoint]:
    """The checkpoints of every partition ingest has read."""
    return {
        (row["topic"], row["partition"]): Checkpoint(row["next_offset"], row["updated_at"], row["halted"])
        for row in await conn.fetch(SQL["list_checkpoints"])
    }


def judge_freshness(as_of: datetime | None, now: datetime) -> Freshness:
    """How old `as_of` is, in seconds with two decimals, never negative."""
    if as_of is None:
        return Freshness(None, None)
    return Freshness(as_of, max(round((now - as_of).total_seconds(), 2), 0.0))


def is_caught_up(checkpoints: Mapping[Partition, Checkpoint], ends: Mapping[Partition, int]) -> bool:
    """Whether ingest has applied everything below the partitions' ends; an empty partition needs no checkpoint."""
    return all(
        end == 0 or (partition in checkpoints and checkpoints[partition].next_offset >= end)
        for partition, end in ends.items()
    )
