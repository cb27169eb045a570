"""Which bytes count as JSON text that we can read at any time and PostgreSQL can store."""

import json
import re

from bitacora_schemas.events.refusal import DecodeRefusal, RefusalReason
from bitacora_schemas.topics import MAX_RECORD_BYTES

MAX_DEPTH = 64
"""Deepest nesting. Fixed: a decoder's own limit depends on the stack below it, and a replay must agree."""

_PYTHON_INT_DIGITS = 4300
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (_PYTHON_INT_DIGITS + 1))
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def check_text(value: bytes | None) -> bytes:
    """Return `value` when it may be decoded; else raise the refusal. Cheap for ordinary records."""
    if not value:
        raise DecodeRefusal(RefusalReason.NOT_JSON, "the value is empty")
    if len(value) > MAX_RECORD_BYTES:
        raise DecodeRefusal(RefusalReason.TOO_LARGE, f"{len(value)} bytes, at most {MAX_RECORD_BYTES}")
    if not value.isascii():
        _check_utf8(value)
    if b"\\u0000" in value and _escapes_nul(value):
        raise DecodeRefusal(RefusalReason.UNSTORABLE_TEXT, "a text holds U+0000")
    if value.count(b"[") + value.count(b"{") > MAX_DEPTH and depth_of(value) > MAX_DEPTH:
        raise DecodeRefusal(RefusalReason.NOT_JSON, f"nested deeper than {MAX_DEPTH} levels")
    if len(value) > _PYTHON_INT_DIGITS and _LONG_NUMBER.search(value):
        _check_long_numbers(value)
    return value


def refuse_malformed(value: bytes, detail: str) -> DecodeRefusal:
    """Return the refusal of bytes that the JSON decoder rejected."""
    if _has_lone_surrogate(value):
        return DecodeRefusal(RefusalReason.UNSTORABLE_TEXT, "a text holds a lone surrogate")
    return DecodeRefusal(RefusalReason.NOT_JSON, detail)


def depth_of(value: bytes) -> int:
    """Return how deep brackets nest outside strings; stops counting just beyond MAX_DEPTH."""
    depth = deepest = 0
    for token in _TOKEN.finditer(value):
        mark = value[token.start()]
        if mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif mark in b"]}":
            depth -= 1
    return deepest


def _check_utf8(value: bytes) -> None:
    try:
        value.decode()
    except UnicodeDecodeError as error:
        raise DecodeRefusal(RefusalReason.NOT_UTF8, f"at byte {error.start}") from None


def _escapes_nul(value: bytes) -> bool:
    return any(escape.group(1) == b"0000" for escape in _ESCAPE.finditer(value))


def _has_lone_surrogate(value: bytes) -> bool:
    high_ends_at = -1
    for escape in _ESCAPE.finditer(value):
        code = int(escape.group(1) or b"0", 16)
        is_low = 0xDC00 <= code <= 0xDFFF
        if high_ends_at >= 0 and not (is_low and escape.start() == high_ends_at):
            return True
        if is_low and high_ends_at < 0:
            return True
        high_ends_at = escape.end() if 0xD800 <= code <= 0xDBFF else -1
    return high_ends_at >= 0


def _check_long_numbers(value: bytes) -> None:
    # Python refuses to read such a number later, wherever the payload is looked at as JSON.
    try:
        json.loads(value)
    except json.JSONDecodeError:
        return  # the real decoder says what is wrong
    except ValueError:
        raise DecodeRefusal(
            RefusalReason.BAD_DATA, f"a number of more than {_PYTHON_INT_DIGITS} digits"
        ) from None
