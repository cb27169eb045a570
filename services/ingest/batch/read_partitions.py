"""What a worker knows of the partitions it reads: how far each is written, which incarnation it is, how its records fared."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from services.ingest.batch.breaker import RefusalWindow
from services.ingest.batch.placement import Placed
from services.ingest.batch.positioned_batch import PositionedBatch
from services.ingest.log.positions import START, Position, offset_of, position_of
from services.ingest.source.protocol import Batch, Offset, TopicPartition


class ReadPartitions:
    """One of a writer. What a transaction says enters it only once that is committed."""

    def __init__(self) -> None:
        self.committed: dict[TopicPartition, Position] = {}
        self.topic_ids: dict[TopicPartition, UUID] = {}
        self.windows: dict[TopicPartition, RefusalWindow] = {}
        self.halted: set[TopicPartition] = set()
        self.applied_at: dict[TopicPartition, float] = {}
        self._first_positions: dict[TopicPartition, Position] = {}

    def place(self, partitions: Collection[TopicPartition], placed: Mapping[TopicPartition, Placed]) -> bool:
        """Takes over where these were placed; those left out are halted.

        Answers whether the database went back: then what we committed may be gone.
        """
        went_back = False
        for partition, found in placed.items():
            position = position_of(found.offset, found.first_position)
            went_back = went_back or position < self.committed.get(partition, START)
            self.committed[partition] = position
            self._first_positions[partition] = found.first_position
            self.topic_ids[partition] = found.topic_id
            self.windows[partition] = found.window
        self.halted = (self.halted - set(partitions)) | (set(partitions) - set(placed))
        return went_back

    def positioned(self, batch: Batch) -> PositionedBatch:
        """The batch with its place in the log, by how its partition was placed."""
        return PositionedBatch(batch, self._first_positions.get(batch.partition, START))

    def next_offset(self, partition: TopicPartition) -> Offset | None:
        """How far this one is written, as Kafka counts; None before it was placed."""
        position = self.committed.get(partition)
        return None if position is None else offset_of(position, self._first_positions.get(partition, START))

    def next_offsets(self) -> dict[TopicPartition, Offset]:
        """How far each is written, as Kafka counts."""
        first = self._first_positions
        return {
            partition: offset_of(position, first.get(partition, START))
            for partition, position in self.committed.items()
        }

    def move(
        self,
        positions: Mapping[TopicPartition, Position],
        windows: Mapping[TopicPartition, RefusalWindow],
        batches: Iterable[PositionedBatch],
    ) -> None:
        """Takes over what a committed transaction said of its batches."""
        self.committed.update(positions)
        self.windows.update(windows)
        for batch in batches:
            if batch.records and batch.partition in positions:
                self.applied_at[batch.partition] = batch.records[-1].timestamp / 1_000
