"""CloudEvents binary mode: the same event, with its attributes in headers."""

import json
from pathlib import Path
from typing import Any

import pytest
from bitacora_schemas.events import DecodeRefusal, decode_event

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
WHOLE = (EXAMPLES / "bitacora.message.received.v1" / "media.json").read_bytes()
EVENT: dict[str, Any] = json.loads(WHOLE)


def binary(**changes: bytes | None) -> list[tuple[str, bytes | None]]:
    attributes = {f"ce_{name}": str(value).encode() for name, value in EVENT.items() if name != "data"}
    return [*{**attributes, **{f"ce_{name}": value for name, value in changes.items()}}.items()]


DATA = json.dumps(EVENT["data"]).encode()


def test_binary_mode_is_read() -> None:
    event = decode_event(DATA, binary())
    assert event.structured() == decode_event(event.structured()).structured()
    assert str(event.id) == EVENT["id"]


def test_structured_mode_with_copied_attributes_stays_structured() -> None:
    headers = [*binary(), ("content-type", b"application/cloudevents+json; charset=UTF-8")]
    assert decode_event(WHOLE).id == decode_event(WHOLE, headers).id


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (DATA, binary(accountid=b"\xff"), "not_utf8"),
        (DATA, binary(accountid=b"A"), "bad_envelope"),
        (DATA, binary(accountid=None), "bad_envelope"),
        (DATA, binary(correlationid=b"a\0b"), "unstorable_text"),
        (DATA, binary(correlationid=b"a\nb"), "bad_envelope"),
        (DATA, [*binary(), ("ce_id", b"x")], "bad_envelope"),
        (b"{", binary(), "not_json"),
        (b"[1]", binary(), "bad_data"),
        (DATA.replace(b"Factura", b"\\ud800"), binary(), "unstorable_text"),
        (b"{", binary(type=b"bitacora.moon.risen.v1"), "not_json"),
    ],
)
def test_a_bad_binary_record_is_refused(
    value: bytes, headers: list[tuple[str, bytes | None]], reason: str
) -> None:
    with pytest.raises(DecodeRefusal) as caught:
        decode_event(value, headers)
    assert caught.value.reason == reason
