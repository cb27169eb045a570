"""Message text as nodes: WhatsApp's marks, links, line breaks, invisible controls.

Nothing here makes HTML or any other mark-up: whoever lays out draws each node's text, escaped, in its own way.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "bold", "italic", "strike", "code", "link", "control", "break"]

# A mark opens after a border and closes before one, as in WhatsApp; text between has no spaces at its ends.
# No mark holds its own sign, so a search ends at the next one: time grows with the text, not with its square.
_MARK = re.compile(
    r"(?<![\w*_~`])(?:"
    + "|".join(
        rf"(?P<{name}>{sign}(?=\S)[^{sign[-1]}\n]{{1,4000}}(?<=\S){sign})"
        for name, sign in (("bold", r"\*"), ("italic", "_"), ("strike", "~"), ("block", "```"), ("code", "`"))
    )
    + r")(?![\w*_~`])"
)
_KINDS: dict[str, tuple[Kind, int]] = {
    "bold": ("bold", 1),
    "italic": ("italic", 1),
    "strike": ("strike", 1),
    "block": ("code", 3),
    "code": ("code", 1),
}
_LINK = re.compile(
    r"https?://[^\s<>\"'`\u0000-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE
)
LONGEST_LINK = 2_000
"""A longer address is text: half an address would lead elsewhere."""
_TRAILING = ".,;:!?)]}»”’*_~"

# Characters that change how text reads without being seen. U+200D joins emoji and scripts, so it stays.
_CONTROLS = {
    "\u061c": "ALM",
    "\u200b": "ZWSP",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2060": "WJ",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\ufeff": "BOM",
}
_CONTROL = re.compile("[" + "".join(_CONTROLS) + r"\u0000-\u0008\u000b-\u001f\u007f-\u009f]")


@dataclass(frozen=True, slots=True)
class Node:
    """A run of text of one kind. `href` for links only; a control's `text` is its name."""

    kind: Kind
    text: str
    href: str = ""


def message_nodes(text: str) -> tuple[Node, ...]:
    """A message's text with marks and links told apart. Links are http and https only."""
    return tuple(_lines(text.replace("\r\n", "\n").replace("\r", "\n"), _links_and_marks))


def plain_nodes(text: str) -> tuple[Node, ...]:
    """Text such as a name: no marks, no links, controls still made visible."""
    return tuple(_lines(text.replace("\r", "\n"), lambda line: _controls(line, "text")))


def _lines(text: str, split: Callable[[str], Iterator[Node]]) -> Iterator[Node]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield Node("break", "")
        yield from split(line)


def _links_and_marks(line: str) -> Iterator[Node]:
    # Links first: the signs inside an address are part of it.
    place = 0
    for found in _LINK.finditer(line):
        address = found.group().rstrip(_TRAILING)
        if address.count("(") > address.count(")") and line[found.start() + len(address) :].startswith(")"):
            address += ")"
        yield from _marks(line[place : found.start()])
        short = len(address) <= LONGEST_LINK
        yield Node("link", address, href=address) if short else Node("text", address)
        place = found.start() + len(address)
    yield from _marks(line[place:])


def _marks(text: str) -> Iterator[Node]:
    place = 0
    for found in _MARK.finditer(text):
        yield from _controls(text[place : found.start()], "text")
        kind, width = _KINDS[found.lastgroup or ""]
        yield from _controls(found.group()[width:-width], kind)
        place = found.end()
    yield from _controls(text[place:], "text")


def _controls(text: str, kind: Kind) -> Iterator[Node]:
    place = 0
    for found in _CONTROL.finditer(text):
        if found.start() > place:
            yield Node(kind, text[place : found.start()])
        sign = found.group()
        yield Node("control", _CONTROLS.get(sign, f"U+{ord(sign):04X}"))
        place = found.end()
    if place < len(text):
        yield Node(kind, text[place:])
