"""What an operator decides about a halted partition: that a gap is accepted, or that a topic was made anew.

The worker notices within its check interval and goes on without a restart.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from cli.database import open_connection
from cli.dead_letters import SQL as AUDIT_SQL
from cli.dead_letters import actor
from services.chassis.sql import load_statements
from services.ingest.source.kafka_facts import KafkaFacts
from services.ingest.source.protocol import Offset, TopicPartition

if TYPE_CHECKING:
    from services.chassis.settings import KafkaSettings

SQL = load_statements(Path(__file__).with_suffix(".sql"))


class FoundHalt(msgspec.Struct, frozen=True):
    """Why a partition is halted, and the offsets that cannot be had: from `lost_from` up to, not with, `lost_to`."""

    topic: str
    partition: int
    reason: str
    lost_from: Offset
    lost_to: Offset
    next_offset: Offset


async def find_halt(dsn: str, topic: str, partition: int) -> FoundHalt | None:
    """None when the partition is not halted."""
    async with open_connection(dsn) as conn:
        row = await conn.fetchrow(SQL["find_halt"], topic, partition)
    if row is None:
        return None
    return FoundHalt(
        topic, partition, row["halted_reason"], row["halted_from"], row["halted_to"], row["next_offset"]
    )


async def accept_gap(dsn: str, halt: FoundHalt) -> Offset | None:
    """Goes on behind what is lost, and records it; answers the next offset, None when it is no gap (any more)."""
    async with open_connection(dsn) as conn:
        async with conn.transaction():
            next_offset: Offset | None = await conn.fetchval(SQL["accept_gap"], halt.topic, halt.partition)
            if next_offset is not None:
                await _record(conn, "log.gap_accept", halt)
        return next_offset


async def accept_incarnation(dsn: str, kafka: KafkaSettings, halt: FoundHalt) -> Offset | None:
    """Reads the new topic from its start, and records it; answers the next offset, None when that is not the halt."""
    facts = KafkaFacts(kafka)
    try:
        place = TopicPartition(halt.topic, halt.partition)
        topic_id = (await facts.topic(halt.topic)).topic_id
        start = (await facts.log_ranges([place]))[place].start
        async with open_connection(dsn) as conn, conn.transaction():
            next_offset: Offset | None = await conn.fetchval(
                SQL["accept_incarnation"], halt.topic, halt.partition, start, topic_id
            )
            if next_offset is not None:
                await _record(conn, "log.incarnation_accept", halt)
        return next_offset
    finally:
        await facts.close()


async def _record(conn: asyncpg.Connection, action: str, halt: FoundHalt) -> None:
    detail = json.dumps(msgspec.to_builtins(halt))
    await conn.execute(
        AUDIT_SQL["audit"], actor(), action, "partition", f"{halt.topic}/{halt.partition}", detail
    )
