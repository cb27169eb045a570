"""Records that a decoder, a clock or an index cannot take, each with the reason for its refusal, and some that just fit."""

import json
import random
from collections.abc import Callable
from typing import Any

from bitacora_schemas.events.refusal import RefusalReason as Reason
from bitacora_schemas.thread_key import thread_key

from tests.support.ingest import customer_message
from tests.support.poison import poison

Record = tuple[bytes | None, bytes | None]
Spoil = Callable[[dict[str, Any], str], None]

_LETTERS = range(0x20000, 0x2A6D0)
"""Four bytes each and hard to compress: 512 of them, the most that an identifier may have, fill most of an index entry."""


def _spoiled(number: int, spoil: Spoil) -> Record:
    _, value = customer_message(number, contact=90_000 + number)
    event = json.loads(value)
    spoil(event, "".join(map(chr, random.Random(number).choices(_LETTERS, k=12_000))))
    thread = event["data"]["thread"]
    contact = thread["contact"]
    key = thread_key(
        "acme",
        "production",
        thread["channel"],
        thread["channel_address"],
        contact["kind"],
        contact["value"],
    )
    event["subject"] = event["partitionkey"] = key
    return key.encode(), json.dumps(event).encode()


def _time(name: str, value: Any) -> Callable[[int], Record]:
    def spoil(event: dict[str, Any], _long: str) -> None:
        event[name] = value

    return lambda number: _spoiled(number, spoil)


def _everywhere(value: str) -> Callable[[int], Record]:
    def spoil(event: dict[str, Any], _long: str) -> None:
        event["time"] = event["recordedtime"] = value

    return lambda number: _spoiled(number, spoil)


def _long(*path: str, letters: int) -> Callable[[int], Record]:
    def spoil(event: dict[str, Any], long: str) -> None:
        place = event["data"]
        for step in path[:-1]:
            place = place[int(step)] if step.isdigit() else place[step]
        place[path[-1]] = long[:letters]

    return lambda number: _spoiled(number, spoil)


def _whole_source(number: int) -> Record:
    """An identifier of the source is unique together with its channel's address: both as long as they may be."""

    def spoil(event: dict[str, Any], long: str) -> None:
        data = event["data"]
        data["thread"]["channel_address"] = long[:512]
        data["contact"]["ids"] = [{"kind": "source", "value": long[512:1_024]}]

    return _spoiled(number, spoil)


def _other_key(number: int) -> Record:
    return b"\0" * 12_000, customer_message(number, contact=90_000 + number)[1]


REFUSED: dict[str, tuple[Reason, Callable[[int], Record]]] = {
    "U+0000": (Reason.UNSTORABLE_TEXT, lambda number: poison("U+0000 in a text", number)),
    "escaped surrogate": (Reason.UNSTORABLE_TEXT, lambda number: poison("a lone surrogate, escaped", number)),
    "surrogate as bytes": (Reason.NOT_UTF8, lambda number: poison("a lone surrogate, as bytes", number)),
    "time 1e18": (Reason.BAD_ENVELOPE, _time("time", 10**18)),
    "time 1e18 as text": (Reason.BAD_ENVELOPE, _time("time", "1000000000000000000")),
    "year 0": (Reason.BAD_ENVELOPE, _everywhere("0000-01-01T00:00:00Z")),
    "year 294277": (Reason.BAD_ENVELOPE, _everywhere("294277-01-01T00:00:00Z")),
    "year 294277 by ISO": (Reason.BAD_ENVELOPE, _everywhere("+294277-01-01T00:00:00Z")),
    "recorded in year 294277": (Reason.BAD_ENVELOPE, _time("recordedtime", "294277-01-01T00:00:00Z")),
    "before year 1 in UTC": (Reason.BAD_ENVELOPE, _everywhere("0001-01-01T00:00:00+14:00")),
    "behind year 9999 in UTC": (Reason.BAD_ENVELOPE, _everywhere("9999-12-31T23:59:59-14:00")),
    "recorded behind year 9999 in UTC": (
        Reason.BAD_ENVELOPE,
        _time("recordedtime", "9999-12-31T23:59:59-14:00"),
    ),
    "year 1": (Reason.BAD_ENVELOPE, _everywhere("0001-01-01T00:00:00Z")),
    "year 9999": (Reason.BAD_ENVELOPE, _everywhere("9999-12-31T23:59:59Z")),
    "message id of 12,000": (Reason.BAD_DATA, _long("message", "id", letters=12_000)),
    "identifier of 12,000": (Reason.BAD_DATA, _long("contact", "ids", "0", "value", letters=12_000)),
    "contact of 12,000": (Reason.BAD_DATA, _long("thread", "contact", "value", letters=12_000)),
    "name of 12,000": (Reason.BAD_DATA, _long("contact", "name", letters=12_000)),
    "record key of 12,000": (Reason.KEY_MISMATCH, _other_key),
    "source of 512 and 512": (Reason.UNSTORABLE_ROW, _whole_source),
}

APPLIED: dict[str, Callable[[int], Record]] = {
    "identifier of 512": _long("contact", "ids", "0", "value", letters=512),
    "contact of 512": _long("thread", "contact", "value", letters=512),
    "message id of 512": _long("message", "id", letters=512),
    "name of 1024": _long("contact", "name", letters=1024),
}
"""As long as the contract lets them be, and still in every index."""
