"""Text made ready to be drawn: nothing unprintable in it, long words breakable, marks and links as runs. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Literal

from msgspec import Struct

from services.presentation.marks import Node

LONGEST_TOKEN = 28
BREAK_EVERY = 16
ZERO_WIDTH_SPACE = "\u200b"

_LONG_TOKEN = re.compile(rf"\S{{{LONGEST_TOKEN},}}")
_BREAK_AFTER = frozenset("/.@?&=_-,;:+%#|~")
_SHORTEST_STRETCH = 4
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


Style = Literal["", "bold", "italic", "strike", "code"]


class Run(Struct, frozen=True):
    """A stretch of text; `href` where it leads, `style` how the sender marked it."""

    text: str
    href: str | None = None
    style: Style = ""


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


def plain(nodes: Sequence[Node]) -> str:
    """What nodes say, without their marks; controls that cannot be seen are left out."""
    return clean(
        "".join("\n" if node.kind == "break" else node.text for node in nodes if node.kind != "control")
    )


def runs_of(nodes: Sequence[Node]) -> tuple[Run, ...]:
    """Nodes as stretches of one style, with the breaks of lines inside them; only links lead anywhere."""
    told = [node for node in nodes if node.kind != "control"]
    runs = []
    for (style, href), group in groupby(told, key=_look):
        text = breakable(plain(tuple(group)))
        if text:
            runs.append(Run(text, href or None, style))
    return tuple(runs)


def _look(node: Node) -> tuple[Style, str]:
    style: Style = node.kind if node.kind in ("bold", "italic", "strike", "code") else ""
    return style, node.href
