"""The content of a message as blocks a template draws: which shape, which icon, where it opens."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.presentation.marks import Node
from services.presentation.parts import Block as Content
from services.presentation.parts import Line, Option
from services.query.pages.icons import FILE_ICONS, OTHER_FILE

_PLAYED = {"image": "image", "sticker": "image", "audio": "audio", "voice": "audio", "video": "video"}
"""Shapes of files that we hold; any other is a line with its name."""

_SHAPES = {
    "text": ("text", ""),
    "options": ("options", ""),
    "choice": ("choice", ""),
    "place": ("file", "map-pin"),
    "card": ("file", "address-book"),
    "call": ("file", "phone"),
    "form": ("lines", "list-check"),
    "order": ("lines", "list-check"),
    "subject": ("lines", "mail"),
    "notice": ("note", "info-circle"),
}
"""Shape and icon of what is no file."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part as it is drawn. `kind`: text, image, audio, video, file, options, choice, lines, note."""

    kind: str
    text: tuple[Node, ...] = ()
    icon: str = ""
    title: tuple[Node, ...] = ()
    detail: str = ""
    url: str = ""
    options: tuple[Option, ...] = ()
    lines: tuple[Line, ...] = ()


def block(content: Content, urls: Mapping[str, str]) -> Block:
    """The block of a content; `urls` are the addresses of the files that we hold."""
    if content.kind == "file":
        url = urls.get(content.file_id, "")
        shape = _PLAYED.get(content.file_kind, "file") if url else "file"
        icon = FILE_ICONS.get(content.file_kind, OTHER_FILE)
    else:
        url = content.href
        shape, icon = _SHAPES[content.kind]
    return Block(
        shape, content.text, icon, content.title, content.detail, url, content.options, content.lines
    )
