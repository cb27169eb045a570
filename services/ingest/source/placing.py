"""Which partitions of a source wait to be placed, and where they are to be read from: the same for both Kafka clients."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.ingest import metrics
from services.ingest.source.hand_over import HandOver
from services.ingest.source.protocol import Offset, Sink, TopicPartition
from services.ingest.source.rebalance_clock import RebalanceClock


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a client is to seek to before it reads on, and which partitions it must not read: they are halted."""

    next_offsets: Mapping[TopicPartition, Offset]
    halted: frozenset[TopicPartition]


class Placing:
    """One of a source, with its hand-over. `epoch` is another after every rebalance: what was fetched before it is void."""

    def __init__(self, sink: Sink) -> None:
        self.epoch = 0
        self.joined = False
        self.unplaced: set[TopicPartition] = set()
        self.hand_over = HandOver(sink)
        self._rebalance = RebalanceClock()

    def revoked(self, partitions: Collection[TopicPartition]) -> None:
        """The group takes partitions back, and all are shared out anew."""
        self.epoch += 1
        self.joined = False
        self._rebalance.lost()
        self.hand_over.forget(partitions)
        self.unplaced -= set(partitions)

    def assigned(self, partitions: Collection[TopicPartition]) -> None:
        """The group gives partitions: these and no others, to be placed before the next fetch."""
        self.epoch += 1
        self.unplaced = set(partitions)
        metrics.PARTITIONS.set(len(self.unplaced))
        if not self.unplaced:
            self._rebalance.placed()

    async def place(self, mine: Collection[TopicPartition]) -> Placement | None:
        """Asks the sink about what waits and is still ours; waits for the database and the broker as long as it takes.

        None when there is nothing to do, or when a rebalance came between, which has its own placing. Once the client has
        done as it is told, `placed` is to be called.
        """
        partitions, self.unplaced = self.unplaced & set(mine), set()
        if not partitions:
            return None
        epoch = self.epoch
        next_offsets = await self.hand_over.place(partitions)
        if epoch != self.epoch:
            return None
        return Placement(next_offsets, frozenset(partitions - next_offsets.keys()))

    def placed(self) -> None:
        """The client reads where it was told."""
        self._rebalance.placed()
