"""Rows of the event log in PostgreSQL's binary COPY format.

They are most of what a worker sends. The driver would want each payload as text, so a megabyte a batch would be decoded
and encoded again for nothing; here the bytes that Kafka gave go through as they are, and PostgreSQL checks that they are
UTF-8. The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from collections.abc import AsyncIterator, Iterable
from struct import Struct

from services.ingest.log.decoding import Accepted, appended_ms

COLUMNS = ("account_id", "event_id", "stream_id", "position", "appended_at", "type", "payload")

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_FIXED = Struct("!h ii i16s ih iq iq i")
"""Count of columns, then each column's size before its value, up to the size of the type."""
_SIZE = Struct("!i")
_CHUNK_PIECES = 1_000
_EPOCH_MS = 946_684_800_000
"""PostgreSQL counts microseconds from 2000-01-01."""


async def copy_stream(events: Iterable[tuple[int, Accepted]]) -> AsyncIterator[bytes]:
    """What COPY ... WITH (FORMAT binary) reads, for events with their stream ids, in the order of COLUMNS.

    In chunks of some hundred kilobytes, so that no second copy of a batch lies in memory.
    """
    pieces = [_HEADER]
    add = pieces.append
    fixed, size = _FIXED.pack, _SIZE.pack
    for stream_id, event in events:
        record = event.record
        attributes = event.event.attributes
        kind = attributes.type.encode()
        payload = event.payload
        add(
            fixed(
                7,
                4,
                event.account_id,
                16,
                attributes.id.int.to_bytes(16),
                2,
                stream_id,
                8,
                event.position,
                8,
                (appended_ms(record) - _EPOCH_MS) * 1000,
                len(kind),
            )
        )
        add(kind)
        add(size(len(payload)))
        add(payload)
        if len(pieces) > _CHUNK_PIECES:
            yield b"".join(pieces)
            pieces.clear()
    add(_TRAILER)
    yield b"".join(pieces)
