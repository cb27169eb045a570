"""What a source of records and the sink that stores them say to each other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, NewType, Protocol

Offset = NewType("Offset", int)
"""Kafka's number of a record in its partition. Ours of an event in the log is a Position (`log/positions.py`)."""


class TopicPartition(NamedTuple):
    """Names a partition; equal to the tuple, so also to the clients' own classes of this shape."""

    topic: str
    partition: int


class Record(Protocol):
    """One record as Kafka handed it over; the clients' record classes fit as they are, so none is copied."""

    @property
    def offset(self) -> Offset: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...
    @property
    def timestamp(self) -> int:
        """Kafka's append time in milliseconds since 1970."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Every record of one partition from offset `start` up to, not including, `next`.

    The claim is whole: an offset of the range that no record has does not exist in the log (a transaction marker, a
    compacted record).
    """

    partition: TopicPartition
    start: Offset
    next: Offset
    records: Sequence[Record]

    def split(self, limit: int) -> tuple["Batch", "Batch | None"]:
        """The first `limit` records with the range they settle, and the rest, None when nothing is left."""
        if len(self.records) <= limit:
            return self, None
        cut = self.records[limit].offset
        head = Batch(self.partition, self.start, cut, self.records[:limit])
        return head, Batch(self.partition, cut, self.next, self.records[limit:])


class Jump(Enum):
    """What to do about a fetch that does not go on where the last one ended."""

    ACCEPT = "accept"  # the log has nothing in between: hand the records over
    READ_AGAIN = "read_again"  # a lost read, not a hole in the log
    STOP = "stop"  # events are gone or the topic is another one: the partition is halted


class Sink(Protocol):
    """Stores batches; knows better than Kafka how far we are."""

    async def next_offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Offset]:
        """The next offset to read of each; a partition left out is halted and not to be read.

        Waits for the database and the broker as long as it takes.
        """
        ...

    async def put(self, batch: Batch) -> None:
        """Takes a batch over; waits while too much is under way. After `quiesce` a waiting batch is dropped."""
        ...

    async def check_jump(self, partition: TopicPartition, expected: Offset, found: Offset) -> Jump:
        """Decides about records that start at `found` where `expected` was due, after a second read gave the same."""
        ...

    async def quiesce(self) -> None:
        """Drops what waits and lets the open transaction end, within a bounded time. Partitions are about to leave."""
        ...

    def committed(self) -> Mapping[TopicPartition, Offset]:
        """The next offsets known to be durable: a hint for Kafka's lag tools, nothing depends on it."""
        ...


class Source(Protocol):
    """Reads partitions and hands them to a sink until told to stop."""

    async def run(self) -> None:
        """Reads until `stop`; returns then. Any other end is an exception."""
        ...

    async def stop(self) -> None:
        """Stops reading, quiesces the sink and leaves the group. Safe to call twice."""
        ...

    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions this worker reads at present, halted ones among them."""
        ...

    def joined(self) -> bool:
        """Whether the group has said which partitions are ours. It says none where it has more workers than partitions."""
        ...

    def reposition(self, partitions: Collection[TopicPartition]) -> None:
        """Asks the sink anew where these stand, and goes on from there. Partitions that left are ignored."""
        ...
