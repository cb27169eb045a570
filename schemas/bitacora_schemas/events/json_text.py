"""Which bytes count as JSON text that we can read at any time and PostgreSQL can store."""

import json
import re

from bitacora_schemas.events.refusal import DecodeRefusal, RefusalReason
from bitacora_schemas.topics import MAX_RECORD_BYTES

MAX_DEPTH = 400
"""Deepest nesting. Fixed: a decoder's own limit depends on the stack below it, and a replay must agree."""

_PYTHON_INT_DIGITS = 4300
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (_PYTHON_INT_DIGITS + 1))
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def check_text(value: bytes | None) -> bytes:
    """Return `value` when it may be decoded, else raise the refusal; cheap for ordinary records.

    A lone surrogate is left to the JSON decoder, see `refuse_malformed`.
    """
    if not value:
        raise DecodeRefusal(RefusalReason.NOT_JSON, "the value is empty")
    size = len(value)
    if size > MAX_RECORD_BYTES:
        raise DecodeRefusal(RefusalReason.TOO_LARGE, f"{size} bytes, at most {MAX_RECORD_BYTES}")
    if not value.isascii():
        check_utf8(value)
    # A search for one byte is several times faster than for a word, and most records hold no escape at all.
    if b"\\" in value and b"\\u0000" in value and _escapes_nul(value):
        raise DecodeRefusal(RefusalReason.UNSTORABLE_TEXT, "a text holds U+0000")
    if size > 2 * MAX_DEPTH and value.count(b"[") + value.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    if size > _PYTHON_INT_DIGITS and _LONG_NUMBER.search(value):
        _check_long_numbers(value)
    return value


def refuse_malformed(value: bytes, detail: str) -> DecodeRefusal:
    """Return the refusal of bytes that the JSON decoder rejected."""
    if _has_lone_surrogate(value):
        return DecodeRefusal(RefusalReason.UNSTORABLE_TEXT, "a text holds a lone surrogate")
    return DecodeRefusal(RefusalReason.NOT_JSON, detail)


def check_utf8(value: bytes) -> str:
    """Return the text, or raise `not_utf8`."""
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise DecodeRefusal(RefusalReason.NOT_UTF8, f"at byte {error.start}") from None


def _check_depth(value: bytes) -> None:
    depth = 0
    for token in _TOKEN.finditer(value):
        mark = value[token.start()]
        if mark in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise DecodeRefusal(RefusalReason.NOT_JSON, f"nested deeper than {MAX_DEPTH} levels")
        elif mark in b"]}":
            depth -= 1


def _escapes_nul(value: bytes) -> bool:
    return any(escape.group(1) == b"0000" for escape in _ESCAPE.finditer(value))


def _has_lone_surrogate(value: bytes) -> bool:
    high_ends_at = -1
    for escape in _ESCAPE.finditer(value):
        code = int(escape.group(1) or b"0", 16)
        is_low = 0xDC00 <= code <= 0xDFFF
        follows_high = escape.start() == high_ends_at
        if is_low != follows_high or (high_ends_at >= 0 and not follows_high):
            return not _is_cut_at(value, high_ends_at)
        high_ends_at = escape.end() if 0xD800 <= code <= 0xDBFF else -1
    return high_ends_at >= 0 and not _is_cut_at(value, high_ends_at)


def _is_cut_at(value: bytes, high_ends_at: int) -> bool:
    """Say whether the record ends inside a pair of surrogates: it is truncated, its text is not at fault."""
    rest = value[high_ends_at:]
    return high_ends_at >= 0 and len(rest) < 6 and b"\\u".startswith(rest[:2])


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
