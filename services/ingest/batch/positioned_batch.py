"""A batch with its place in the log: what waits in the queue and is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.log.positions import START, Position, position_of
from services.ingest.source.protocol import Batch, Record, TopicPartition


@dataclass(frozen=True, slots=True)
class PositionedBatch:
    """A batch, and where the log counted offset 0 of its incarnation when it came.

    The range it claims is compared by positions: an offset may come again with other contents, a position does not.
    """

    batch: Batch
    first_position: Position = START

    @property
    def partition(self) -> TopicPartition:
        """Where it comes from."""
        return self.batch.partition

    @property
    def records(self) -> Sequence[Record]:
        """As Kafka gave them, in order, numbered by offsets."""
        return self.batch.records

    @property
    def start(self) -> Position:
        """The first position it claims."""
        return position_of(self.batch.start, self.first_position)

    @property
    def next(self) -> Position:
        """The first position behind it."""
        return position_of(self.batch.next, self.first_position)

    def split(self, limit: int) -> tuple["PositionedBatch", "PositionedBatch | None"]:
        """The first `limit` records with the range they settle, and the rest, None when nothing is left."""
        head, rest = self.batch.split(limit)
        if rest is None:
            return self, None
        return PositionedBatch(head, self.first_position), PositionedBatch(rest, self.first_position)
