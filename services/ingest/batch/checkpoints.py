"""The rows that say how far each partition is applied, read and written. No function here opens a transaction."""

from collections.abc import Collection, Mapping
from pathlib import Path
from uuid import UUID

import asyncpg

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.batch.breaker import WINDOW
from services.ingest.batch.fence import Checkpoint, Halt
from services.ingest.log.positions import Position
from services.ingest.source.protocol import Offset, TopicPartition

SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def find(
    conn: Connection, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, Checkpoint]:
    """The rows of these partitions; those without a row are left out."""
    return _by_partition(await conn.fetch(SQL["find_checkpoints"], *_columns(partitions)))


async def lock(
    conn: Connection, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, Checkpoint]:
    """The same, and nobody else moves them before this transaction ends."""
    return _by_partition(await conn.fetch(SQL["lock_checkpoints"], *_columns(partitions)))


async def create(conn: Connection, partition: TopicPartition, topic_id: UUID, offset: Offset) -> None:
    """Makes a row if there is none."""
    await conn.execute(SQL["create_checkpoint"], *partition, topic_id, offset)


async def adopt(conn: Connection, partition: TopicPartition, topic_id: UUID) -> None:
    """Writes the topic's id into a row that has none."""
    await conn.execute(SQL["adopt_topic_id"], *partition, topic_id)


async def move(conn: Connection, positions: Mapping[int, Position]) -> None:
    """Moves rows: stream id to next position."""
    if positions:
        await conn.execute(SQL["move_checkpoints"], list(positions), list(positions.values()))


async def halt(conn: Connection, partition: TopicPartition, at_offset: Offset, halt: Halt) -> bool:
    """Halts a partition whose row still stands at `at_offset`; answers whether it did."""
    done = await conn.execute(
        SQL["halt_checkpoint"], *partition, at_offset, halt.reason.value, halt.lost_from, halt.lost_to
    )
    return done == "UPDATE 1"


async def refused_lately(conn: Connection, partition: TopicPartition, next_offset: Offset) -> list[bool]:
    """Whether each of the last thousand offsets before the checkpoint was refused, oldest first."""
    rows = await conn.fetch(SQL["find_refused_lately"], *partition, WINDOW)
    refused = {row["refused_offset"] for row in rows}
    if not refused:
        return []
    return [offset in refused for offset in range(max(next_offset - WINDOW, 0), next_offset)]


def _columns(partitions: Collection[TopicPartition]) -> tuple[list[str], list[int]]:
    return [partition.topic for partition in partitions], [partition.partition for partition in partitions]


def _by_partition(rows: list[asyncpg.Record]) -> Mapping[TopicPartition, Checkpoint]:
    return {
        TopicPartition(row["topic"], row["partition"]): Checkpoint(
            row["stream_id"], row["topic_id"], row["next_offset"], row["halted"], row["first_position"]
        )
        for row in rows
    }
