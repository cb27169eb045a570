"""How fetched records become batches without a hole: what every Kafka source does between its client and the sink."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import structlog

from services.ingest import metrics
from services.ingest.source.protocol import Batch, Jump, Offset, Record, Sink, TopicPartition

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records of one partition, in order; `next` is the offset that the client would fetch behind them.

    Without records it tells only where the client stands: it may have passed offsets that no record has, or been thrown
    back by the broker.
    """

    records: Sequence[Record]
    next: Offset


class Step(Enum):
    """What to do with a fetch."""

    DELIVER = "deliver"
    READ_AGAIN = "read_again"
    ASK = "ask"
    IGNORE = "ignore"


def next_step(expected: Offset | None, found: Offset, *, suspected: bool) -> Step:
    """Decides on records that start at `found`, or on a client that stands there without having given a record.

    A partition that was not placed (`expected` None) is ignored. A start above what was expected is read once more: a
    lost read gives the missing records then, a hole in the log gives the same answer and is a question for the broker.
    A start below means that the client was thrown back by the broker: a question at once.
    """
    if expected is None:
        return Step.IGNORE
    if found == expected:
        return Step.DELIVER
    if found > expected and not suspected:
        return Step.READ_AGAIN
    return Step.ASK


class HandOver:
    """Knows where each partition of a source stands, and hands its records to the sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._next_offsets: dict[TopicPartition, Offset] = {}
        self._suspects: dict[TopicPartition, Offset] = {}

    async def place(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Offset]:
        """Where to seek to; a partition left out is halted, so its source must not read it."""
        self.forget(partitions)
        next_offsets = await self._sink.next_offsets(partitions)
        self._next_offsets.update(next_offsets)
        return next_offsets

    def forget(self, partitions: Collection[TopicPartition]) -> None:
        """These are not ours any more, or have to be placed again."""
        for partition in partitions:
            self._next_offsets.pop(partition, None)
            self._suspects.pop(partition, None)

    async def offer(self, partition: TopicPartition, fetched: Fetched) -> Offset | None:
        """Hands records over; answers the offset to seek back to when they must be read again, None otherwise.

        A partition found halted is forgotten: what its client still gives is ignored.
        """
        expected = self._next_offsets.get(partition)
        found = fetched.records[0].offset if fetched.records else fetched.next
        if not fetched.records and found == expected:
            return None
        step = next_step(expected, found, suspected=self._suspects.get(partition) == expected)
        if expected is None or step is Step.IGNORE:
            return None
        if step is Step.READ_AGAIN:
            self._suspects[partition] = expected
            metrics.HOLES.labels("read_again").inc()
            log.info("hole_read_again", topic=partition.topic, partition=partition.partition, start=expected)
            return expected
        if step is Step.ASK:
            jump = await self._sink.check_jump(partition, expected, found)
            if self._next_offsets.get(partition) != expected:
                return None  # placed anew while we asked
            metrics.HOLES.labels(jump.value).inc()
            if jump is Jump.STOP:
                self.forget([partition])
                return None
            if jump is Jump.READ_AGAIN:
                return expected
            log.info(
                "hole_accepted",
                topic=partition.topic,
                partition=partition.partition,
                start=expected,
                found=found,
            )
        self._suspects.pop(partition, None)
        self._next_offsets[partition] = fetched.next
        await self._sink.put(Batch(partition, expected, fetched.next, fetched.records))
        return None
