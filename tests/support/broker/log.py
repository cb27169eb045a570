"""The partitions that the broker serves: records with their offsets, holes, transactions and a moving start."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

RecordBytes = tuple[bytes | None, bytes | None]
"""Key and value."""

APPENDED_AT = 1_772_460_000_000
NO_PRODUCER = -1
_MAGIC = 2
_CRC_AT = 17
_ATTRIBUTES_AT = 21
_CONTROL = 0x20
_ABORT_KEY = struct.pack(">hh", 0, 0)
_MARKER_VALUE = struct.pack(">hi", 0, 0)


@dataclass(frozen=True, slots=True)
class Stored:
    """A record where it lies; `control` marks the end of an aborted transaction."""

    offset: int
    key: bytes | None
    value: bytes | None
    producer_id: int = NO_PRODUCER
    control: bool = False


@dataclass(slots=True)
class PartitionLog:
    """One partition. `aborted` holds (producer id, first offset, last offset) of aborted transactions."""

    records: list[Stored] = field(default_factory=list)
    start: int = 0
    end: int = 0
    aborted: list[tuple[int, int, int]] = field(default_factory=list)

    def append(self, records: Iterable[RecordBytes], *, producer_id: int = NO_PRODUCER) -> None:
        """Adds records at the end."""
        for key, value in records:
            self.records.append(Stored(self.end, key, value, producer_id))
            self.end += 1

    def append_aborted(self, records: Sequence[RecordBytes], *, producer_id: int) -> None:
        """A transaction that was given up: its records, and the marker that says so."""
        first = self.end
        self.append(records, producer_id=producer_id)
        self.records.append(Stored(self.end, _ABORT_KEY, _MARKER_VALUE, producer_id, control=True))
        self.aborted.append((producer_id, first, self.end))
        self.end += 1

    def leave_out(self, count: int) -> None:
        """Offsets that no record has, as compaction leaves them."""
        self.end += count

    def cut(self, start: int) -> None:
        """Retention: everything below `start` is gone."""
        self.start = start
        self.records = [record for record in self.records if record.offset >= start]

    def read(self, offset: int, limit: int) -> list[Stored]:
        """Records from `offset` on."""
        found = [record for record in self.records if record.offset >= offset]
        return found[:limit]

    def aborted_within(self, records: Sequence[Stored]) -> list[tuple[int, int]]:
        """(producer id, first offset) of the aborted transactions that these records touch."""
        if not records:
            return []
        first, last = records[0].offset, records[-1].offset
        return [(producer, begin) for producer, begin, end in self.aborted if begin <= last and end >= first]


def encode(records: Sequence[Stored]) -> bytes:
    """Records as batches of message format 2, one for each stretch of one producer or of control records."""
    stretches = groupby(records, key=lambda record: (record.producer_id, record.control))
    return b"".join(
        _encode_batch(list(stretch), producer, control=control) for (producer, control), stretch in stretches
    )


def _encode_batch(records: Sequence[Stored], producer_id: int, *, control: bool) -> bytes:
    transactional = producer_id != NO_PRODUCER
    epoch = 0 if transactional else -1
    builder = DefaultRecordBatchBuilder(_MAGIC, 0, int(transactional), producer_id, epoch, epoch, 1 << 30)
    base = records[0].offset
    for record in records:
        builder.append(record.offset - base, APPENDED_AT, record.key, record.value, [])
    batch = bytearray(builder.build())
    struct.pack_into(">q", batch, 0, base)
    if control:
        (attributes,) = struct.unpack_from(">h", batch, _ATTRIBUTES_AT)
        struct.pack_into(">h", batch, _ATTRIBUTES_AT, attributes | _CONTROL)
        struct.pack_into(">I", batch, _CRC_AT, calc_crc32c(bytes(batch[_ATTRIBUTES_AT:])))
    return bytes(batch)
