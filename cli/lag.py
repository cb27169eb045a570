"""How far the checkpoints are behind the log: Postgres against Kafka, not what Kafka remembers of the group."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cli.database import open_connection
from services.chassis.sql import load_statements
from services.ingest.source.kafka_facts import KafkaFacts
from services.ingest.source.protocol import Offset, TopicPartition

if TYPE_CHECKING:
    from services.chassis.settings import KafkaSettings

SQL = load_statements(Path(__file__).with_suffix(".sql"))


class PartitionLag(msgspec.Struct, frozen=True):
    """One partition; `lag` counts records, `seconds` how long it has stood still with lag, else 0."""

    topic: str
    partition: int
    next_offset: Offset
    end_offset: Offset
    lag: int
    seconds: float
    halted: str | None


class Lag(msgspec.Struct, frozen=True):
    """The whole topic: records that wait, and the seconds of the partition that has stood still longest."""

    total: int
    seconds: float
    partitions: tuple[PartitionLag, ...]


async def read_lag(dsn: str, kafka: KafkaSettings, topic: str) -> Lag:
    """Asks both sides. Raises FactsUnavailableError and database errors."""
    facts = KafkaFacts(kafka)
    try:
        async with open_connection(dsn) as conn:
            rows = {row["partition"]: row for row in await conn.fetch(SQL["find_next_offsets"], topic)}
        numbers = (await facts.topic(topic)).partitions
        ranges = await facts.log_ranges([TopicPartition(topic, number) for number in numbers])
    finally:
        await facts.close()
    now = datetime.now(UTC)
    partitions = []
    for place, log in sorted(ranges.items()):
        row = rows.get(place.partition)
        next_offset: Offset = log.start if row is None else row["next_offset"]
        lag = max(log.end - next_offset, 0)
        waited = 0.0 if row is None or not lag else max((now - row["updated_at"]).total_seconds(), 0.0)
        halted = None if row is None else row["halted_reason"]
        partitions.append(
            PartitionLag(topic, place.partition, next_offset, log.end, lag, round(waited, 3), halted)
        )
    return Lag(
        sum(partition.lag for partition in partitions),
        max((partition.seconds for partition in partitions), default=0.0),
        tuple(partitions),
    )
