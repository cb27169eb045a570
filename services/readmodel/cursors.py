"""Where a page ended, as an opaque text: versioned, and bound to what it may be used with."""

import base64
import binascii
from typing import Any

import msgspec

_VERSION = 1
_LONGEST = 600


class BadCursor(Exception):  # noqa: N818 - a refusal, named as one
    """The text is no cursor of ours, or one made for another order or list."""


def encode_cursor(bound_to: str, values: tuple[Any, ...]) -> str:
    """A cursor for the list called `bound_to`; values are numbers, texts, bytes or None."""
    raw = msgspec.msgpack.encode((_VERSION, bound_to, *values))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode_cursor(text: str, bound_to: str, types: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values of a cursor, checked against `types`. Raises BadCursor."""
    if len(text) > _LONGEST:
        raise BadCursor("too long")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values: list[Any] = msgspec.msgpack.decode(raw, type=list[Any])
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise BadCursor("not a cursor") from error
    if values[:2] != [_VERSION, bound_to]:
        raise BadCursor("made for another list or order")
    try:
        return tuple(msgspec.convert(value, type=kind) for value, kind in zip(values[2:], types, strict=True))
    except (ValueError, msgspec.ValidationError) as error:
        raise BadCursor("not a cursor of this list") from error
