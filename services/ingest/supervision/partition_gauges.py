"""What a worker shows of each partition it reads; one that left is shown no more, since another worker shows it."""

from collections.abc import Mapping

from services.ingest import metrics
from services.ingest.source.protocol import TopicPartition

_GAUGES = (metrics.LAG_RECORDS, metrics.LAG_SECONDS, metrics.HALTED)


class PartitionGauges:
    """The gauges with a partition in their labels."""

    def __init__(self) -> None:
        self._shown: set[TopicPartition] = set()

    def show(
        self,
        lags: Mapping[TopicPartition, int],
        seconds: Mapping[TopicPartition, float],
        halted: Mapping[TopicPartition, bool],
    ) -> None:
        """Shows these partitions, all three with the same keys, and no others."""
        for gone in self._shown - lags.keys():
            for gauge in _GAUGES:
                gauge.remove(*map(str, gone))
        self._shown = set(lags)
        for partition in lags:
            labels = tuple(map(str, partition))
            metrics.LAG_RECORDS.labels(*labels).set(lags[partition])
            metrics.LAG_SECONDS.labels(*labels).set(seconds[partition])
            metrics.HALTED.labels(*labels).set(halted[partition])
