"""What is fetched and not yet written: bounded, so that a slow database slows the reading instead of filling memory."""

import asyncio
from collections import deque
from collections.abc import Collection

from services.ingest.batch.positioned_batch import PositionedBatch
from services.ingest.source.protocol import TopicPartition


class BatchQueue:
    """Batches in the order they came. One reader, any number of writers."""

    def __init__(self, *, max_records: int, max_bytes: int) -> None:
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._batches: deque[PositionedBatch] = deque()
        self._bytes = 0
        self._epoch = 0
        self._changed = asyncio.Condition()
        self.records = 0

    async def put(self, batch: PositionedBatch) -> None:
        """Adds a batch, once there is room; a batch larger than the bounds goes in alone. Dropped if cleared meanwhile."""
        epoch = self._epoch
        size = _bytes_of(batch)
        async with self._changed:
            await self._changed.wait_for(
                lambda: (
                    self._epoch != epoch
                    or not self._batches
                    or (
                        self.records + len(batch.records) <= self._max_records
                        and self._bytes + size <= self._max_bytes
                    )
                )
            )
            if self._epoch == epoch:
                self._batches.append(batch)
                self.records += len(batch.records)
                self._bytes += size
                self._changed.notify_all()

    async def take(self, limit: int) -> list[PositionedBatch]:
        """Waits for a batch, then takes what is there up to `limit` records; a longer batch is cut."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._batches))
            taken: list[PositionedBatch] = []
            room = limit
            while self._batches and room > 0:
                head, rest = self._batches.popleft().split(room)
                if rest is not None:
                    self._batches.appendleft(rest)
                taken.append(head)
                room -= len(head.records)
                self.records -= len(head.records)
                self._bytes -= _bytes_of(head)
            self._changed.notify_all()
            return taken

    async def clear(self) -> None:
        """Drops everything, and whatever waits to get in."""
        async with self._changed:
            self._epoch += 1
            self._batches.clear()
            self.records = 0
            self._bytes = 0
            self._changed.notify_all()

    async def drop(self, partitions: Collection[TopicPartition]) -> None:
        """Drops the batches of some partitions."""
        async with self._changed:
            kept = [batch for batch in self._batches if batch.partition not in partitions]
            self._batches = deque(kept)
            self.records = sum(len(batch.records) for batch in kept)
            self._bytes = sum(_bytes_of(batch) for batch in kept)
            self._changed.notify_all()


def _bytes_of(batch: PositionedBatch) -> int:
    return sum(len(record.value or b"") for record in batch.records)
