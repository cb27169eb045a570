"""Reading a record: what is accepted, what is refused and by which name."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bitacora_schemas.events import (
    DecodedEvent,
    DecodeRefusal,
    MessageReceived,
    UnknownEvent,
    UnknownPart,
    check_thread_key,
    decode_event,
)
from bitacora_schemas.events.json_text import MAX_DEPTH
from bitacora_schemas.topics import MAX_RECORD_BYTES

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
EVENT: dict[str, Any] = json.loads(
    (EXAMPLES / "bitacora.message.received.v1" / "media.json").read_text("utf-8")
)
SECRET = "+5511900000007"
Change = Callable[[dict[str, Any]], object]


def changed(change: Change, event: dict[str, Any] = EVENT) -> bytes:
    copy = json.loads(json.dumps(event))
    change(copy)
    return json.dumps(copy, separators=(",", ":"), ensure_ascii=False).encode()


def read(value: bytes) -> DecodedEvent:
    event = decode_event(value)
    assert isinstance(event, DecodedEvent)
    return event


def refusal(value: bytes | None) -> DecodeRefusal:
    with pytest.raises(DecodeRefusal) as caught:
        decode_event(value)
    return caught.value


def setting(*path: str | int, to: Any) -> Change:
    def change(event: dict[str, Any]) -> None:
        place: Any = event
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def removing(*path: str | int) -> Change:
    def change(event: dict[str, Any]) -> None:
        place: Any = event
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


def replaced(old: bytes, new: bytes) -> bytes:
    value = changed(lambda _: None)
    assert old in value
    return value.replace(old, new)


def nested(depth: int) -> bytes:
    inner = depth - 2
    return changed(setting("data", "later", to="@")).replace(b'"@"', b"[" * inner + b"]" * inner)


PART = ("data", "message", "parts", 0)
WA_ID = b'"value":"5511900000000"'

REFUSED: dict[str, tuple[bytes | None, str]] = {
    "no value": (None, "not_json"),
    "an empty value": (b"", "not_json"),
    "blanks": (b"  \n", "not_json"),
    "not UTF-8": (replaced(b"Ana", b"An\xe1"), "not_utf8"),
    "not UTF-8 in a field nobody knows": (replaced(b'"data":{', b'"data":{"x":"\xff",'), "not_utf8"),
    "UTF-16 with its mark": (changed(lambda _: None).decode().encode("utf-16"), "not_utf8"),
    "UTF-16 without it": (changed(lambda _: None).decode().encode("utf-16-le"), "not_json"),
    "a byte order mark": (b"\xef\xbb\xbf" + changed(lambda _: None), "not_json"),
    "a truncated record": (changed(lambda _: None)[:-40], "not_json"),
    "two records": (changed(lambda _: None) * 2, "not_json"),
    "an array": (b"[1]", "bad_envelope"),
    "a number": (b"7", "bad_envelope"),
    "a string": (b'"x"', "bad_envelope"),
    "null": (b"null", "bad_envelope"),
    "an empty object": (b"{}", "bad_envelope"),
    "an attribute twice": (
        replaced(b'"accountid":"acme"', b'"accountid":"acme","accountid":"acme"'),
        "bad_envelope",
    ),
    "data twice": (changed(lambda _: None)[:-1] + b',"data":{}}', "bad_envelope"),
    "an attribute twice, with blanks": (
        replaced(b'"accountid":"acme"', b'"accountid" : "acme", "accountid": "evil"'),
        "bad_envelope",
    ),
    "NaN": (changed(setting(*PART, "file", "size_bytes", to=float("nan"))), "not_json"),
    "Infinity": (changed(setting("data", "later", to=float("inf"))), "not_json"),
    "1e400": (replaced(b'"size_bytes":48213', b'"size_bytes":1e400'), "bad_data"),
    "a number of 5,000 digits": (replaced(b"48213", b"9" * 5000), "bad_data"),
    "such a number in a field nobody knows": (
        replaced(b'"data":{', b'"data":{"x":' + b"9" * 5000 + b","),
        "bad_data",
    ),
    "100,000 levels": (
        replaced(b'"data":{', b'"data":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b","),
        "not_json",
    ),
    "one level too many": (nested(MAX_DEPTH + 1), "not_json"),
    "U+0000": (replaced(b"Factura", b"Fac\\u0000tura"), "unstorable_text"),
    "U+0000 in a field nobody knows": (replaced(b'"data":{', b'"data":{"x\\u0000":1,'), "unstorable_text"),
    "a raw NUL": (replaced(b"Factura", b"Fac\0tura"), "not_json"),
    "a lone high surrogate": (replaced(b"Factura", b"Fac\\ud83d"), "unstorable_text"),
    "a lone low surrogate": (replaced(b"Factura", b"Fac\\uDE00tura"), "unstorable_text"),
    "two high surrogates": (replaced(b"Factura", b"Fac\\ud83d\\ud83d"), "unstorable_text"),
    "a surrogate as UTF-8": (replaced(b"Factura", b"Fac\xed\xa0\xbd"), "not_utf8"),
    "too large": (changed(setting("data", "later", to="x" * MAX_RECORD_BYTES)), "too_large"),
    "no id": (changed(removing("id")), "bad_envelope"),
    "an id that is no UUID": (changed(setting("id", to="1")), "bad_envelope"),
    "an empty id": (changed(setting("id", to="")), "bad_envelope"),
    "another specversion": (changed(setting("specversion", to="0.3")), "bad_envelope"),
    "no data": (changed(removing("data")), "bad_envelope"),
    "an account in capitals": (changed(setting("accountid", to="Acme")), "bad_envelope"),
    "an account of 65 letters": (changed(setting("accountid", to="a" * 65)), "bad_envelope"),
    "an empty account": (changed(setting("accountid", to="")), "bad_envelope"),
    "an account with a line end": (changed(setting("accountid", to="acme\n")), "bad_envelope"),
    "no connection": (changed(removing("connectionid")), "bad_envelope"),
    "an environment nobody knows": (changed(setting("environment", to=SECRET)), "bad_envelope"),
    "no time": (changed(removing("time")), "bad_envelope"),
    "a time in seconds": (changed(setting("time", to=1_772_460_331)), "bad_envelope"),
    "a time without zone": (changed(setting("time", to="2026-03-02T14:05:31")), "bad_envelope"),
    "year 1": (changed(setting("time", to="0001-01-01T00:00:00+14:00")), "bad_envelope"),
    "year 9999": (changed(setting("recordedtime", to="9999-12-31T23:59:59-14:00")), "bad_envelope"),
    "year 10000": (changed(setting("time", to="10000-01-01T00:00:00Z")), "bad_envelope"),
    "a type that is no text": (changed(setting("type", to=1)), "bad_envelope"),
    "a correlation of 10 kB": (changed(setting("correlationid", to="x" * 10_000)), "bad_envelope"),
    "a correlation with a line end": (changed(setting("correlationid", to="a\nb")), "bad_envelope"),
    "another content type": (changed(setting("datacontenttype", to="text/xml")), "bad_envelope"),
    "subject and partitionkey that differ": (changed(setting("subject", to="x")), "key_mismatch"),
    "no thread": (changed(removing("data", "thread")), "bad_data"),
    "data that is a list": (changed(setting("data", to=[1])), "bad_data"),
    "a number for a text": (changed(setting("data", "message", "plain_text", to=1)), "bad_data"),
    "a boolean for a number": (changed(setting(*PART, "file", "size_bytes", to=True)), "bad_data"),
    "a fraction for a count": (changed(setting(*PART, "index", to=0.5)), "bad_data"),
    "a negative index": (changed(setting(*PART, "index", to=-1)), "bad_data"),
    "a size beyond a bigint": (changed(setting(*PART, "file", "size_bytes", to=2**63)), "bad_data"),
    "an empty message id": (changed(setting("data", "message", "id", to="")), "bad_data"),
    "a message id of 10 kB": (changed(setting("data", "message", "id", to="x" * 10_000)), "bad_data"),
    "a message id with a line end": (changed(setting("data", "message", "id", to="a\nb")), "bad_data"),
    "a contact id with an escape code": (replaced(WA_ID, b'"value":"55\\u001b[31m"'), "bad_data"),
    "a visibility nobody knows": (changed(setting("data", "message", "visibility", to=SECRET)), "bad_data"),
    "a file state nobody knows": (changed(setting(*PART, "file", "state", to=SECRET)), "bad_data"),
    "a message without parts": (changed(setting("data", "message", "parts", to=[])), "bad_data"),
    "a part without type": (changed(removing(*PART, "type")), "bad_data"),
    "a part of an empty type": (changed(setting(*PART, "type", to="")), "bad_data"),
    "media without a file": (changed(removing(*PART, "file")), "bad_data"),
    "a file that expired in year 1": (
        changed(setting(*PART, "file", "source", "url_expires_at", to="0001-01-01T00:00:00+10:00")),
        "bad_data",
    ),
    "a raw body over 64 KiB": (changed(setting("data", "origin", "raw", to={"x": "y" * 70_000})), "bad_data"),
}


@pytest.mark.parametrize("about", REFUSED)
def test_a_bad_record_is_refused_with_its_reason(about: str) -> None:
    value, reason = REFUSED[about]
    found = refusal(value)
    assert found.reason == reason
    assert found.detail


@pytest.mark.parametrize("about", REFUSED)
def test_the_detail_of_a_refusal_holds_no_value_of_the_record(about: str) -> None:
    found = refusal(REFUSED[about][0])
    for told in (SECRET, "5511900000000", "Ana", "Factura", "BR.123"):
        assert told not in found.detail


ACCEPTED: dict[str, bytes] = {
    "blanks and line ends": json.dumps(EVENT, indent=4).encode(),
    "escaped letters and a surrogate pair": json.dumps(
        json.loads(changed(setting("data", "message", "plain_text", to="ñ 😊")))
    ).encode(),
    "attributes nobody knows": changed(setting("later", to={"id": 1})),
    "fields nobody knows": changed(setting("data", "message", "later", to=[{"a": None}])),
    "a field twice in the data, the last counts": replaced(b'"data":{', b'"data":{"x":1,"x":2,'),
    "a backslash before u0000": replaced(b"Factura", b"Fac\\\\u0000tura"),
    "line ends in a text": changed(setting("data", "message", "plain_text", to="a\nb\tc\u0007")),
    "the deepest nesting": nested(MAX_DEPTH),
    "many brackets side by side": changed(setting("data", "later", to=[[]] * 2000)),
    "a text of 5,000 digits": changed(setting("data", "message", "plain_text", to="9" * 5000)),
    "the largest record": changed(lambda _: None) + b" " * (MAX_RECORD_BYTES - len(changed(lambda _: None))),
    "an id in capitals": changed(setting("id", to=str(EVENT["id"]).upper())),
    "a time in another zone": changed(setting("time", to="2026-03-02T11:05:31-03:00")),
    "a channel nobody knows": changed(setting("data", "message", "provenance", to="dream")),
    "optional fields that are null": changed(setting("data", "chatbot", to=None)),
    "a raw body of just under 64 KiB": changed(setting("data", "origin", "raw", to={"x": "y" * 65_000})),
}


@pytest.mark.parametrize("about", ACCEPTED)
def test_an_unusual_but_good_record_is_read(about: str) -> None:
    event = read(ACCEPTED[about])
    assert str(event.id) == EVENT["id"]
    assert isinstance(event.data, MessageReceived)


def test_times_come_out_in_utc() -> None:
    event = read(changed(setting("time", to="2026-03-02T11:05:31-03:00")))
    assert event.time == datetime(2026, 3, 2, 14, 5, 31, tzinfo=UTC)
    assert event.time.tzinfo is UTC


@pytest.mark.parametrize(
    "type_", ["bitacora.message.received.v2", "bitacora.moon.risen.v1", "anything", "a.v"]
)
def test_an_unknown_type_or_newer_major_is_no_refusal(type_: str) -> None:
    event = decode_event(changed(setting("type", to=type_)))
    assert isinstance(event, UnknownEvent)
    assert (event.accountid, event.thread_key) == ("acme", EVENT["subject"])
    assert json.loads(bytes(event.data)) == EVENT["data"]


def test_a_part_of_an_unknown_type_keeps_its_name_and_text() -> None:
    data = read(changed(setting(*PART, "type", to="hologram"))).data
    assert isinstance(data, MessageReceived)
    assert data.message.parts == (UnknownPart(index=0, plain_text="Factura", part_type="hologram"),)


def test_a_known_part_beside_an_unknown_one_is_still_typed() -> None:
    parts = [{"type": "hologram", "index": 0}, {"type": "text", "index": 1, "text": "Hola"}]
    data = read(changed(setting("data", "message", "parts", to=parts))).data
    assert isinstance(data, MessageReceived)
    assert [part.type for part in data.message.parts] == ["?", "text"]


def test_the_record_key_must_be_the_threads() -> None:
    event = read(changed(lambda _: None))
    check_thread_key(event, event.thread_key.encode())
    for key in (None, b"", b"other", event.thread_key.encode() + b" "):
        with pytest.raises(DecodeRefusal, match="key_mismatch"):
            check_thread_key(event, key)


def test_a_thread_that_is_not_the_keys_is_refused() -> None:
    event = read(changed(setting("data", "thread", "channel_address", to="elsewhere")))
    with pytest.raises(DecodeRefusal, match="key_mismatch"):
        check_thread_key(event, event.thread_key.encode())


def end_event(**data: Any) -> bytes:
    base = json.loads((EXAMPLES / "bitacora.conversation.ended.v1" / "assistant.json").read_text("utf-8"))
    cause = data.pop("causationid", None)
    base["data"].update(data)
    return json.dumps(base | ({"causationid": cause} if cause else {})).encode()


CONVERSATION = "6f0b1c1e-6d3a-5c55-9f0a-0c1f5b7d2a11"


def test_an_end_by_operator_or_timeout_names_its_conversation() -> None:
    assert refusal(end_event(reason="operator")).reason == "bad_data"
    assert refusal(end_event(reason="timeout", causationid="x")).reason == "bad_data"
    assert refusal(end_event(reason="operator", conversation_id="x")).reason == "bad_data"
    read(end_event(reason="operator", conversation_id=CONVERSATION))


def test_a_timeout_names_the_last_message_it_saw() -> None:
    assert refusal(end_event(reason="timeout", conversation_id=CONVERSATION)).reason == "bad_data"
    read(end_event(reason="timeout", conversation_id=CONVERSATION, causationid="x"))


def test_reading_does_not_depend_on_the_stack_below() -> None:
    def deep(levels: int) -> DecodedEvent:
        return read(nested(MAX_DEPTH)) if levels == 0 else deep(levels - 1)

    assert deep(sys.getrecursionlimit() // 3).type == "bitacora.message.received"


def test_a_control_character_is_found_behind_texts_that_imitate_json() -> None:
    text = 'a\n "id": "b", \\": \\"\t c":'
    change = setting("data", "message", "plain_text", to=text)
    assert read(changed(change)).type == "bitacora.message.received"
    bad = json.loads(changed(change))
    bad["data"]["message"]["reply_to"]["message_id"] = 'x": "\n'
    assert refusal(json.dumps(bad).encode()).reason == "bad_data"
    bad = json.loads((EXAMPLES / "bitacora.contact.erased.v1" / "request.json").read_text("utf-8"))
    bad["data"]["hashed_ids"].append("a\nb")
    assert refusal(json.dumps(bad).encode()).reason == "bad_data"


def test_a_thread_that_is_not_the_keys_is_refused_after_one_that_is() -> None:
    known: dict[tuple[str, ...], str] = {}
    right, wrong = (
        read(changed(setting("data", "thread", "channel_address", to=address)))
        for address in (EVENT["data"]["thread"]["channel_address"], "elsewhere")
    )
    for _ in range(2):
        check_thread_key(right, right.thread_key.encode(), known)
        with pytest.raises(DecodeRefusal, match="key_mismatch"):
            check_thread_key(wrong, right.thread_key.encode(), known)
    assert len(known) == 2
