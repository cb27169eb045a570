"""Lines of a file become records: gaps filled, or exactly as they stand."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from bitacora_producer.errors import InvalidEventError
from bitacora_producer.ndjson import Defaults, event_record, raw_record
from bitacora_schemas.events import UnknownEvent, decode_event
from bitacora_schemas.topics import EVENTS

NO_DEFAULTS = Defaults()
NOW = datetime(2026, 3, 2, 14, 5, 32, tzinfo=UTC)
DATA = {
    "thread": {
        "channel": "webchat",
        "channel_address": "site",
        "contact": {"kind": "external", "value": "u1"},
    },
    "reason": "assistant",
    "by": {"kind": "bot"},
}
BARE = {"type": "bitacora.conversation.ended.v1", "accountid": "acme", "connectionid": "web", "data": DATA}


def made(event: dict[str, Any], defaults: Defaults = NO_DEFAULTS) -> dict[str, Any]:
    record = event_record(json.dumps(event), EVENTS, defaults, NOW)
    assert record.value is not None
    value: dict[str, Any] = json.loads(record.value)
    assert record.key == value["partitionkey"].encode()
    return value


def test_id_key_and_times_are_filled() -> None:
    value = made(BARE)
    assert value["subject"] == value["partitionkey"]
    assert value["time"] == value["recordedtime"] == "2026-03-02T14:05:32Z"
    assert value["data"]["time_quality"] == "received"
    assert value["environment"] == "production"
    assert value["source"] == "/accounts/acme/connections/web"
    assert decode_event(json.dumps(value).encode()).type == "bitacora.conversation.ended"


def test_what_is_there_stays() -> None:
    given = {
        **BARE,
        "id": "6f0b1c1e-6d3a-5c55-9f0a-0c1f5b7d2a11",
        "time": "2026-03-02T14:05:31+00:00",
        "later": [1],
    }
    value = made({**given, "data": {**DATA, "also": {"later": 1}}})
    assert value["id"] == given["id"]
    assert value["time"] == given["time"]
    assert value["later"] == [1]
    assert value["data"]["also"] == {"later": 1}
    assert "time_quality" not in value["data"]


def test_filling_twice_gives_the_same_event() -> None:
    value = made({**BARE, "time": "2026-03-02T14:05:31Z"})
    assert made(value) == value


def test_account_and_connection_can_be_given_for_all_lines() -> None:
    bare = {"type": BARE["type"], "data": DATA}
    value = made(bare, Defaults("acme", "web", "testing"))
    assert (value["accountid"], value["connectionid"], value["environment"]) == ("acme", "web", "testing")


def test_a_type_of_tomorrow_is_sent() -> None:
    record = event_record(json.dumps({**BARE, "type": "bitacora.moon.risen.v3"}), EVENTS, NO_DEFAULTS, NOW)
    assert isinstance(decode_event(record.value), UnknownEvent)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not_json"),
        ("[1]", "bad_envelope"),
        (json.dumps({**BARE, "data": 1}), "bad_envelope"),
        (json.dumps({"type": "x", "data": DATA}), "bad_envelope"),
        (json.dumps({**BARE, "time": "yesterday"}), "bad_envelope"),
        (json.dumps({**BARE, "partitionkey": "elsewhere"}), "key_mismatch"),
        (json.dumps({**BARE, "data": {**DATA, "thread": {}}}), "bad_data"),
        (json.dumps({**BARE, "data": {**DATA, "by": None}}), "bad_data"),
        ("[" * 100_000, "not_json"),
    ],
)
def test_what_ingest_would_refuse_is_refused_with_its_reason(line: str, reason: str) -> None:
    with pytest.raises(InvalidEventError) as caught:
        event_record(line, EVENTS, NO_DEFAULTS, NOW)
    assert caught.value.reason == reason


def test_a_raw_record_is_sent_unchanged() -> None:
    line = {"key": "k", "value": "not json", "headers": {"a": "b"}}
    record = raw_record(json.dumps(line), "t")
    assert record == ("t", b"k", b"not json", (("a", b"b"),), None)


def test_a_raw_value_may_be_any_bytes() -> None:
    assert raw_record('{"value_base64": "//4="}', "t").value == b"\xff\xfe"
    assert raw_record('{"value": "\\ud800"}', "t").value == b"\xed\xa0\x80"
    assert raw_record('{"value": {"a": [1]}}', "t").value == b'{"a":[1]}'
    assert raw_record('{"value": null, "headers": [["a", "1"], ["a", "2"]]}', "t") == (
        "t",
        None,
        None,
        (("a", b"1"), ("a", b"2")),
        None,
    )


@pytest.mark.parametrize("line", ["1", '{"value_base64": "?"}', '{"value_base64": 1}', '{"headers": [1]}'])
def test_a_raw_line_of_another_shape_is_refused(line: str) -> None:
    with pytest.raises(InvalidEventError):
        raw_record(line, "t")
