"""Offsets as Kafka counts them, and positions as the log does: offset plus the stream's first position.

The two are the same until a topic is made anew or a log loses its end. From then on a record carries its position through
the writer, and only the door to the source speaks of offsets.
"""

from collections.abc import Sequence
from typing import NamedTuple

from services.ingest.source.protocol import Batch, Record


class PositionedRecord(NamedTuple):
    """A record under its position in the log."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp: int


def at_positions(batch: Batch, first_position: int) -> Batch:
    """The same batch, counted by positions; as it is when the two are the same."""
    if not first_position:
        return batch
    records = [_moved(record, first_position) for record in batch.records]
    return Batch(batch.partition, batch.start + first_position, batch.next + first_position, records)


def _moved(record: Record, first_position: int) -> PositionedRecord:
    return PositionedRecord(
        record.offset + first_position, record.key, record.value, record.headers, record.timestamp
    )
