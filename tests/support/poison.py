"""Forty ways in which a record can be bad, each with the reason it must be refused for."""

import json
from collections.abc import Callable
from typing import Any

from bitacora_schemas.events.refusal import RefusalReason as Reason

from tests.support.ingest import customer_message

Record = tuple[bytes | None, bytes | None]
Spoil = Callable[[dict[str, Any]], None]


def poison(kind: str, number: int) -> Record:
    """The `number`-th record of a kind; a fact of its own each time."""
    return _KINDS[kind][1](number)


def kinds() -> dict[str, Reason]:
    """Every kind with its reason."""
    return {kind: reason for kind, (reason, _) in _KINDS.items()}


def _raw(make: Callable[[bytes], bytes | None]) -> Callable[[int], Record]:
    """A good event whose bytes are spoiled."""

    def record(number: int) -> Record:
        key, value = customer_message(number)
        return key, make(value)

    return record


def _event(spoil: Spoil) -> Callable[[int], Record]:
    """A good event with something wrong in it."""

    def record(number: int) -> Record:
        key, value = customer_message(number)
        event = json.loads(value)
        spoil(event)
        return key, json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")

    return record


def _set(path: str, value: Any) -> Callable[[int], Record]:
    def spoil(event: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        place: Any = event
        for step in parents:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value

    return _event(spoil)


def _drop(path: str) -> Callable[[int], Record]:
    def spoil(event: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        place: Any = event
        for step in parents:
            place = place[step]
        del place[last]

    return _event(spoil)


def _ended(**data: Any) -> Callable[[int], Record]:
    def spoil(event: dict[str, Any]) -> None:
        event["type"] = "bitacora.conversation.ended.v1"
        event["data"] = {"thread": event["data"]["thread"], "by": {"kind": "system"}, **data}

    return _event(spoil)


def _other_key(key: bytes | None) -> Callable[[int], Record]:
    return lambda number: (key, customer_message(number)[1])


_PICTURE = {
    "index": 0,
    "type": "media",
    "plain_text": "",
    "file": {"file_id": "f", "kind": "image", "mime_type": "image/png", "state": "lost"},
}
_KINDS: dict[str, tuple[Reason, Callable[[int], Record]]] = {
    "an empty value": (Reason.NOT_JSON, _raw(lambda _: b"")),
    "no value": (Reason.NOT_JSON, _raw(lambda _: None)),
    "bytes that are not UTF-8": (Reason.NOT_UTF8, _raw(lambda value: value.replace(b"hola", b"ol\xe1"))),
    "UTF-16 with a byte order mark": (Reason.NOT_UTF8, _raw(lambda value: value.decode().encode("utf-16"))),
    "JSON cut short": (Reason.NOT_JSON, _raw(lambda value: value[:-20])),
    "an array": (Reason.BAD_ENVELOPE, _raw(lambda value: b"[" + value + b"]")),
    "a number": (Reason.BAD_ENVELOPE, _raw(lambda _: b"42")),
    "a string": (Reason.BAD_ENVELOPE, _raw(lambda _: b'"hola"')),
    "an attribute given twice": (
        Reason.BAD_ENVELOPE,
        _raw(lambda value: b'{"accountid":"acme",' + value[1:]),
    ),
    "NaN": (Reason.NOT_JSON, _raw(lambda value: value.replace(b'"index":0', b'"index":NaN'))),
    "Infinity": (Reason.NOT_JSON, _raw(lambda value: value.replace(b'"index":0', b'"index":Infinity'))),
    "a number beyond all numbers": (
        Reason.BAD_DATA,
        _raw(lambda value: value.replace(b'"index":0', b'"index":1e400')),
    ),
    "an integer of five thousand digits": (
        Reason.BAD_DATA,
        _raw(lambda value: value.replace(b'"index":0', b'"index":' + b"9" * 5_000)),
    ),
    "a hundred thousand levels": (
        Reason.NOT_JSON,
        _raw(lambda value: value.replace(b'"hola"', b"[" * 100_000 + b"]" * 100_000, 1)),
    ),
    "U+0000 in a text": (Reason.UNSTORABLE_TEXT, _set("data.message.plain_text", "ho\0la")),
    "a lone surrogate, escaped": (
        Reason.UNSTORABLE_TEXT,
        _raw(lambda value: value.replace(b"hola", b"\\ud800", 1)),
    ),
    "a lone surrogate, as bytes": (Reason.NOT_UTF8, _set("data.message.plain_text", "ho\ud800la")),
    "no account": (Reason.BAD_ENVELOPE, _drop("accountid")),
    "no event id": (Reason.BAD_ENVELOPE, _drop("id")),
    "no contact": (Reason.BAD_DATA, _drop("data.thread.contact")),
    "a number for a text": (Reason.BAD_DATA, _set("data.message.plain_text", 5)),
    "a truth for a number": (Reason.BAD_DATA, _set("data.message.parts.0.index", value=True)),
    "an empty event id": (Reason.BAD_ENVELOPE, _set("id", "")),
    "an id that is no UUID": (Reason.BAD_ENVELOPE, _set("id", "wamid.X1")),
    "a message id of ten thousand letters": (Reason.BAD_DATA, _set("data.message.id", "m" * 10_000)),
    "a message id with terminal codes": (Reason.BAD_DATA, _set("data.message.id", "m\n\x1b[31m")),
    "an account that does not exist": (
        Reason.UNKNOWN_ACCOUNT,
        lambda number: customer_message(number, account="nobody"),
    ),
    "an account in capitals": (Reason.BAD_ENVELOPE, _set("accountid", "ACME")),
    "another record key": (Reason.KEY_MISMATCH, _other_key(b"another")),
    "no record key": (Reason.KEY_MISMATCH, _other_key(None)),
    "a thread that is not the key's": (
        Reason.KEY_MISMATCH,
        _set("data.thread.contact.value", "5511911111111"),
    ),
    "no time": (Reason.BAD_ENVELOPE, _drop("time")),
    "a time in milliseconds": (Reason.BAD_ENVELOPE, _set("time", 1_772_460_000_000)),
    "the year ten thousand": (Reason.BAD_ENVELOPE, _set("time", "10000-01-01T00:00:00Z")),
    "a time without its zone": (Reason.BAD_ENVELOPE, _set("time", "2026-03-02T14:05:31")),
    "an unknown environment": (Reason.BAD_ENVELOPE, _set("environment", "staging")),
    "an unknown visibility": (Reason.BAD_DATA, _set("data.message.visibility", "secret")),
    "an unknown state of a file": (Reason.BAD_DATA, _set("data.message.parts", [_PICTURE])),
    "a message without parts": (Reason.BAD_DATA, _set("data.message.parts", [])),
    "a text of one megabyte": (Reason.TOO_LARGE, _set("data.message.plain_text", "x" * 1_000_000)),
    "an operator's end that names no conversation": (Reason.BAD_DATA, _ended(reason="operator")),
    "a time-out without its cause": (
        Reason.BAD_DATA,
        _ended(reason="timeout", conversation_id="6f0b1c1e-6d3a-5c55-9f0a-0c1f5b7d2a11"),
    ),
    "another version of CloudEvents": (Reason.BAD_ENVELOPE, _set("specversion", "0.3")),
    "no data": (Reason.BAD_ENVELOPE, _drop("data")),
}
