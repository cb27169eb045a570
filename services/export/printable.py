"""Text made ready to be drawn: nothing unprintable in it, long words breakable, links taken apart. Pure."""

import re
import unicodedata

from msgspec import Struct

LONGEST_TOKEN = 28
BREAK_EVERY = 8
ZERO_WIDTH_SPACE = "\u200b"
LONGEST_LINK = 2_000

_LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}»"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Run(Struct, frozen=True):
    """A stretch of text; `href` where it leads."""

    text: str
    href: str | None = None


def clean(text: str) -> str:
    """Text without what cannot be drawn or would turn the line around: controls, lone surrogates, bidi controls."""
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text)).replace("\r\n", "\n").replace("\r", "\n")


def breakable(text: str) -> str:
    """Long words get places to break, since the typesetter makes none: an invisible space every few letters."""
    return re.sub(
        rf"\S{{{LONGEST_TOKEN},}}",
        lambda match: ZERO_WIDTH_SPACE.join(
            match.group()[at : at + BREAK_EVERY] for at in range(0, len(match.group()), BREAK_EVERY)
        ),
        text,
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
