"""How records lie in a spool file: bytes to records and back, no I/O.

A file is MAGIC and then frames. A frame is the length of its payload and the CRC-32 of length and payload (four
bytes each, big-endian), then the payload: the record as a MessagePack array.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from bitacora_producer.record import Record

MAGIC = b"BTSPOOL\x01"
HEADER = struct.Struct(">II")
_LENGTH = struct.Struct(">I")
MAX_PAYLOAD = 64 * 2**20
"""A length above this is damage, whatever the bytes say."""

_decode = msgspec.msgpack.Decoder(Record).decode
_encode = msgspec.msgpack.Encoder().encode


class Position(NamedTuple):
    """Where a record ends: the number of its file, and the byte behind it."""

    segment: int
    end: int


class Frame(NamedTuple):
    """A whole frame that was found: where its payload lies and where it ends."""

    start: int
    end: int


def framed(record: Record) -> bytes:
    """Return the frame of a record."""
    payload = _encode(record)
    return HEADER.pack(len(payload), _checksum(payload)) + payload


def frames(data: bytes, start: int = len(MAGIC)) -> Iterator[Frame]:
    """Yield the frames from `start` on, up to the first that is torn, damaged or missing."""
    while (end := _end_of_frame(data, start)) is not None:
        yield Frame(start + HEADER.size, end)
        start = end


def record_in(data: bytes, frame: Frame) -> Record:
    """Return the record of a frame; ValueError when its payload is none, though its checksum is right."""
    try:
        return _decode(memoryview(data)[frame.start : frame.end])
    except msgspec.MsgspecError as error:
        raise ValueError(f"a spooled record cannot be read: {error}") from error


def has_magic(data: bytes) -> bool:
    """Return whether this is the start of a spool file."""
    return data.startswith(MAGIC)


def _end_of_frame(data: bytes, start: int) -> int | None:
    payload = start + HEADER.size
    if payload > len(data):
        return None
    length, checksum = HEADER.unpack_from(data, start)
    end: int = payload + length
    if length > MAX_PAYLOAD or end > len(data):
        return None
    return end if _checksum(data[payload:end]) == checksum else None


def _checksum(payload: bytes) -> int:
    # The length is part of it: zeros, which a crash may leave behind, are no frame.
    return zlib.crc32(payload, zlib.crc32(_LENGTH.pack(len(payload))))
