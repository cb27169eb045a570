"""Frames of a spool file: what was written is read, and nothing else is."""

from uuid import UUID
from zlib import crc32

import pytest
from bitacora_producer import Record
from bitacora_producer.spool_format import HEADER, MAGIC, framed, frames, record_in
from hypothesis import given
from hypothesis import strategies as st

records = st.builds(
    Record,
    topic=st.text(min_size=1, max_size=20),
    key=st.none() | st.binary(max_size=40),
    value=st.none() | st.binary(max_size=300),
    headers=st.lists(st.tuples(st.text(max_size=10), st.binary(max_size=20)), max_size=4).map(tuple),
    event_id=st.none() | st.uuids(),
)
ONE = Record("t", b"k", b"Hola", (("ce_id", b"1"),), UUID(int=7))


def read(data: bytes) -> list[Record]:
    return [record_in(data, frame) for frame in frames(data)]


@given(st.lists(records, max_size=6))
def test_what_was_written_is_read(written: list[Record]) -> None:
    assert read(MAGIC + b"".join(map(framed, written))) == written


@given(st.lists(records, min_size=1, max_size=4), st.data())
def test_a_file_torn_at_any_byte_gives_the_whole_records_before_it(
    written: list[Record], data: st.DataObject
) -> None:
    whole = MAGIC + b"".join(map(framed, written))
    cut = data.draw(st.integers(len(MAGIC), len(whole)))
    ends = [frame.end for frame in frames(whole)]
    assert read(whole[:cut]) == written[: sum(end <= cut for end in ends)]


@pytest.mark.parametrize("position", range(len(framed(ONE))))
def test_a_changed_byte_anywhere_is_seen(position: int) -> None:
    data = bytearray(MAGIC + framed(ONE) + framed(ONE))
    data[len(MAGIC) + position] ^= 0x40
    assert read(bytes(data)) == []


def test_zeros_are_no_frame() -> None:
    assert read(MAGIC + framed(ONE) + bytes(4096)) == [ONE]


def test_a_payload_that_is_no_record_is_told() -> None:
    payload = b"\x93\x01\x02\x03"
    length = len(payload).to_bytes(4)
    data = MAGIC + HEADER.pack(len(payload), crc32(payload, crc32(length))) + payload
    with pytest.raises(ValueError, match="cannot be read"):
        read(data)
