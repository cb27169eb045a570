"""Cursors are opaque and bound to their list; masked identifiers can be recognised, not copied."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.readmodel.cursors import BadCursor, decode_cursor, encode_cursor
from services.readmodel.masking import mask_email, mask_identifier, mask_phone
from services.readmodel.message_ids import opaque_id, opaque_id_of
from services.readmodel.rows import Identifier


@given(st.integers(-(2**63), 2**63 - 1), st.text(max_size=40), st.binary(min_size=16, max_size=16))
def test_a_cursor_gives_back_what_it_was_made_of(number: int, text: str, raw: bytes) -> None:
    cursor = encode_cursor("history", (number, text, raw))
    assert decode_cursor(cursor, "history", (int, str, bytes)) == (number, text, raw)
    assert cursor.isascii()
    assert "=" not in cursor


@given(st.text(max_size=60))
def test_any_other_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(text, "started", (int,))


def test_a_cursor_of_another_list_version_or_shape_is_refused() -> None:
    cursor = encode_cursor("started", (5,))
    other_version = base64.urlsafe_b64encode(b"\x93\x02\xa7started\x05").decode().rstrip("=")
    for text, bound, types in (
        (cursor, "activity", (int,)),
        (cursor, "started", (int, int)),
        (cursor, "started", (str,)),
        (other_version, "started", (int,)),
        ("A" * 700, "started", (int,)),
    ):
        with pytest.raises(BadCursor):
            decode_cursor(text, bound, types)


def test_masks_show_enough_to_recognise() -> None:
    assert mask_phone("+5511900001234") == "+55 ** *****-1234"
    assert mask_phone("12345") == "*****"
    assert mask_email("juana@dominio.com") == "j***@d***.com"
    assert mask_email("nobody") == "***"
    assert mask_identifier(Identifier("wa_id", "5511900001234")).value == "+55 ** *****-1234"
    assert mask_identifier(Identifier("bsuid", "BR.1234567890")).value == "BR***90"
    assert mask_identifier(Identifier("username", "ana")).value == "***"


@given(st.from_regex(r"\+[1-9][0-9]{9,14}", fullmatch=True))
def test_no_masked_phone_shows_more_than_six_digits(phone: str) -> None:
    assert sum(character.isdigit() for character in mask_phone(phone)) == 6


def test_an_opaque_message_id_follows_from_either_side() -> None:
    from bitacora_schemas.ids import message_key
    from bitacora_schemas.thread_key import thread_key

    thread = thread_key("acme", "production", "whatsapp", "1", "wa_id", "5511900000000")
    assert opaque_id(message_key(thread, "wamid.X")) == opaque_id_of("wamid.X")
