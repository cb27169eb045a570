"""How long records have waited, partition by partition: judged by what was seen, not by what Kafka remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.ingest.source.protocol import TopicPartition


@dataclass(slots=True)
class LagClock:
    """Remembers when each partition was last seen caught up. Times are Unix seconds."""

    _caught_up: dict[TopicPartition, float] = field(default_factory=dict)
    _first_seen: dict[TopicPartition, float] = field(default_factory=dict)

    def seconds(
        self,
        lags: Mapping[TopicPartition, int],
        applied_at: Mapping[TopicPartition, float],
        now: float,
    ) -> dict[TopicPartition, float]:
        """Seconds that the oldest waiting record of each partition has waited at most; 0 without lag.

        `applied_at` is when Kafka appended the newest record that we have stored of a partition. What waits came after
        it, and after the moment when nothing waited; before either is known, the wait counts from our first look.
        Partitions that are not in `lags` are forgotten.
        """
        for memory in (self._caught_up, self._first_seen):
            for gone in memory.keys() - lags.keys():
                del memory[gone]
        found: dict[TopicPartition, float] = {}
        for partition, lag in lags.items():
            first_seen = self._first_seen.setdefault(partition, now)
            if lag == 0:
                self._caught_up[partition] = now
            known = [moments[partition] for moments in (self._caught_up, applied_at) if partition in moments]
            found[partition] = max(now - max(known, default=first_seen), 0.0) if lag else 0.0
        return found
