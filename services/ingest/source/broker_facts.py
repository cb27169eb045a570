"""What the broker says of a topic, apart from its records: which incarnation it is, and which offsets it holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.ingest.source.protocol import Offset, TopicPartition


class FactsUnavailableError(Exception):
    """The broker does not answer just now, or does not know the topic (yet)."""


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """Which incarnation a topic is, and its partitions."""

    topic_id: UUID
    partitions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LogRange:
    """What Kafka holds of a partition: offsets from `start` up to, not including, `end`.

    The end is that of readers of committed records: what a transaction still open has sent is not there yet.
    """

    start: Offset
    end: Offset


class BrokerFacts(Protocol):
    """Questions to the broker. Every method raises FactsUnavailableError; it is always safe to ask again."""

    async def topic(self, topic: str) -> TopicFacts: ...

    async def log_ranges(
        self, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, LogRange]: ...
