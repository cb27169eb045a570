"""Text made ready to be drawn: nothing unprintable in it, long words breakable, links taken apart. Pure."""

import re
import unicodedata

from msgspec import Struct

LONGEST_TOKEN = 28
BREAK_EVERY = 16
ZERO_WIDTH_SPACE = "\u200b"
LONGEST_LINK = 2_000

_LONG_TOKEN = re.compile(rf"\S{{{LONGEST_TOKEN},}}")
_BREAK_AFTER = frozenset("/.@?&=_-,;:+%#|~")
_SHORTEST_STRETCH = 4
_LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}»"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Run(Struct, frozen=True):
    """A stretch of text; `href` where it leads."""

    text: str
    href: str | None = None


def clean(text: str) -> str:
    """Text without what cannot be drawn or would turn the line around: controls, lone surrogates, bidi controls."""
    kept = unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))
    return kept.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")


def breakable(text: str) -> str:
    """Long words get places to break, since the typesetter makes none: an invisible space after a sign, or every
    sixteen letters where there is none.
    """
    return _LONG_TOKEN.sub(lambda match: _broken(match.group()), text)


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is Arabic, Hebrew or of another script that runs leftwards."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def _broken(token: str) -> str:
    pieces: list[str] = []
    since = 0
    for place, character in enumerate(token):
        pieces.append(character)
        since += 1
        after = token[place + 1] if place + 1 < len(token) else None
        if after is None or not (_is_plain(character) and _is_plain(after)):
            continue
        sign = character in _BREAK_AFTER and after not in _BREAK_AFTER and since >= _SHORTEST_STRETCH
        if sign or since >= BREAK_EVERY:
            pieces.append(ZERO_WIDTH_SPACE)
            since = 0
    return "".join(pieces)


def _is_plain(character: str) -> bool:
    """A character beside which a word may be broken: wide ones break by themselves, marks belong to their letter."""
    return (
        unicodedata.east_asian_width(character) not in ("W", "F")
        and unicodedata.category(character)[0] not in "MC"
        and not "\U0001f1e6" <= character <= "\U0001f1ff"  # two of them make a flag
    )


def runs_of(text: str) -> tuple[Run, ...]:
    """Text with its links taken apart: only http and https, of a length a reader can follow."""
    runs: list[Run] = []
    end = 0
    for match in _LINK.finditer(text):
        address = match.group().rstrip(_TRAILING)
        if match.start() > end:
            runs.append(Run(breakable(text[end : match.start()])))
        runs.append(Run(breakable(address), address if len(address) <= LONGEST_LINK else None))
        end = match.start() + len(address)
    if end < len(text):
        runs.append(Run(breakable(text[end:])))
    return tuple(runs)
