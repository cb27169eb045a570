"""Where an aiokafka consumer stands on its partitions, without waiting for those that it does not know at present."""

from typing import Any

from services.ingest.source.protocol import Offset, TopicPartition

LOOK_SECONDS = 1.0
"""How often a source looks for positions that moved without a record."""


def standing_positions(consumer: Any) -> dict[TopicPartition, Offset]:
    """Partition to the offset that is fetched next.

    A position moves without a record behind aborted transactions, markers and compacted stretches, and when the broker
    throws the client back. The client's own `position` is of no use here: it waits while a position is being asked for.
    """
    subscription = consumer._subscription.subscription  # noqa: SLF001  see above; checked in faust_surface
    if subscription is None or subscription.assignment is None:
        return {}
    consumed = subscription.assignment.all_consumed_offsets()
    return {TopicPartition(tp.topic, tp.partition): at.offset for tp, at in consumed.items()}
