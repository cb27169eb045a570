"""A source in memory: a little log that tests fill, cut and throw back as a broker would."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from services.ingest.source.broker_facts import LogRange, TopicFacts
from services.ingest.source.hand_over import Fetched, HandOver
from services.ingest.source.protocol import Batch, Offset, Record, Sink, TopicPartition


class MemoryRecord(NamedTuple):
    """A record as a test makes it."""

    offset: Offset
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    timestamp: int = 1_772_460_000_000


def batch_of(partition: TopicPartition, start: int, following: int, records: Sequence[Record]) -> Batch:
    """A batch that claims the offsets from `start` up to, not including, `following`."""
    return Batch(partition, Offset(start), Offset(following), records)


class MemoryLog:
    """The partitions of one topic; also answers what a broker would be asked."""

    def __init__(self, topic: str, topic_id: UUID, partitions: int = 1) -> None:
        self.name = topic
        self.topic_id = topic_id
        self.records: dict[TopicPartition, list[MemoryRecord]] = {
            TopicPartition(topic, number): [] for number in range(partitions)
        }
        self.starts: dict[TopicPartition, int] = dict.fromkeys(self.records, 0)
        self.ends: dict[TopicPartition, int] = dict.fromkeys(self.records, 0)

    def append(self, key: bytes | None, value: bytes | None, *, partition: int = 0) -> MemoryRecord:
        """Adds a record at the end of a partition."""
        place = TopicPartition(self.name, partition)
        record = MemoryRecord(Offset(self.ends[place]), key, value)
        self.records[place].append(record)
        self.ends[place] += 1
        return record

    def cut(self, partition: int, start: int) -> None:
        """Retention: everything below `start` is gone."""
        place = TopicPartition(self.name, partition)
        self.starts[place] = start
        self.records[place] = [record for record in self.records[place] if record.offset >= start]

    def recreate(self, topic_id: UUID) -> None:
        """The topic is deleted and made anew, empty."""
        self.__init__(self.name, topic_id, len(self.records))  # type: ignore[misc]  # the same life from its beginning

    def read(self, partition: TopicPartition, offset: int, limit: int) -> list[MemoryRecord]:
        """Records from `offset` on; a position outside of the log is thrown back to its start, as aiokafka does."""
        if not self.starts[partition] <= offset <= self.ends[partition]:
            offset = self.starts[partition]
        return [record for record in self.records[partition] if record.offset >= offset][:limit]

    async def topic(self, topic: str) -> TopicFacts:
        """See BrokerFacts."""
        return TopicFacts(self.topic_id, tuple(place.partition for place in self.records))

    async def log_ranges(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, LogRange]:
        """See BrokerFacts."""
        return {place: LogRange(Offset(self.starts[place]), Offset(self.ends[place])) for place in partitions}


class MemorySource:
    """Reads a MemoryLog through the same hand-over as the real sources; one worker owns all partitions."""

    def __init__(self, memory: MemoryLog, sink: Sink, *, fetch_records: int = 500) -> None:
        self._log = memory
        self._sink = sink
        self._hand_over = HandOver(sink)
        self._fetch_records = fetch_records
        self._unplaced: set[TopicPartition] = set(memory.records)
        self._at: dict[TopicPartition, Offset] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """See Source."""
        while not self._stopping.is_set():
            if self._unplaced:
                partitions, self._unplaced = self._unplaced, set()
                for partition in partitions:
                    self._at.pop(partition, None)
                self._at.update(await self._hand_over.place(partitions))
            for partition, offset in list(self._at.items()):
                records = self._log.read(partition, offset, self._fetch_records)
                if records:
                    behind = self._at[partition] = Offset(records[-1].offset + 1)
                    again = await self._hand_over.offer(partition, Fetched(records, behind))
                    if again is not None:
                        self._at[partition] = again
            await asyncio.sleep(0.001)

    async def stop(self) -> None:
        """See Source."""
        self._stopping.set()
        await self._sink.quiesce()

    def assignment(self) -> frozenset[TopicPartition]:
        """See Source."""
        return frozenset(self._log.records)

    def joined(self) -> bool:
        """See Source."""
        return True

    def reposition(self, partitions: Collection[TopicPartition]) -> None:
        """See Source."""
        self._unplaced.update(set(partitions) & set(self._log.records))
