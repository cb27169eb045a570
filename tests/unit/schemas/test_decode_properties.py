"""Whatever comes, reading it gives an event or a named refusal, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from bitacora_schemas.events import DecodedEvent, DecodeRefusal, RefusalReason, UnknownEvent, decode_event
from bitacora_schemas.events.binary_mode import Headers
from hypothesis import given, settings
from hypothesis import strategies as st

EXAMPLES = [
    json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parents[3] / "schemas" / "examples").glob("*/*.json"))
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("2026-03-02T14:05:31Z"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def outcome(value: bytes | None, headers: Headers | None = None) -> str:
    """The type of the event or the reason of the refusal; anything else raises."""
    try:
        event = decode_event(value, headers)
    except DecodeRefusal as refusal:
        return RefusalReason(refusal.reason)
    assert isinstance(event, DecodedEvent | UnknownEvent)
    assert decode_event(event.structured()).type == event.type
    return event.type


def paths(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place inside a JSON value."""
    found = [at] if at else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        found += paths(part, (*at, step))
    return found


@st.composite
def mutated_events(draw: st.DrawFn) -> bytes:
    """An example with a few places removed, renamed or replaced by any JSON."""
    event = json.loads(json.dumps(draw(st.sampled_from(EXAMPLES))))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(paths(event)))
        place: Any = event
        for step in path[:-1]:
            place = place[step]
        if draw(st.booleans()):
            place[path[-1]] = draw(JSON)
        else:
            del place[path[-1]]
    return json.dumps(event, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@st.composite
def damaged_events(draw: st.DrawFn) -> bytes:
    """An example with a few bytes cut out, put in or changed."""
    value = bytearray(json.dumps(draw(st.sampled_from(EXAMPLES))).encode())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(value)))
        value[at : at + draw(st.integers(0, 5))] = draw(st.binary(max_size=5))
    return bytes(value)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    outcome(value)


@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    outcome(json.dumps(value).encode())


@settings(max_examples=300)
@given(mutated_events())
def test_any_change_of_an_event_is_read_or_refused(value: bytes) -> None:
    outcome(value)


@settings(max_examples=300)
@given(damaged_events())
def test_any_damage_of_an_event_is_read_or_refused(value: bytes) -> None:
    outcome(value)


@given(st.binary(max_size=100), st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=20) | st.none())))
def test_any_headers_are_read_or_refused(value: bytes, headers: list[tuple[str, bytes | None]]) -> None:
    outcome(value, [*headers, ("ce_specversion", b"1.0")])


@settings(max_examples=200)
@given(st.sampled_from(EXAMPLES), st.data())
def test_any_text_that_can_be_stored_is_kept_as_it_was(event: dict[str, Any], data: st.DataObject) -> None:
    text = data.draw(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
    value = json.loads(json.dumps(event))
    value["data"]["origin"] = {"kind": "test", "raw": {"text": text}}
    decoded = decode_event(json.dumps(value, ensure_ascii=data.draw(st.booleans())).encode())
    assert isinstance(decoded, DecodedEvent)
    assert decoded.data.origin is not None
    assert decoded.data.origin.raw == {"text": text}


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event["type"])
def test_an_example_cut_anywhere_is_refused(event: dict[str, Any]) -> None:
    value = json.dumps(event).encode()
    for at in range(0, len(value), 37):
        assert outcome(value[:at]) == RefusalReason.NOT_JSON
