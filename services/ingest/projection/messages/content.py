"""From a message on the wire to the columns that keep it."""

from typing import NamedTuple

import msgspec
from bitacora_schemas.events.file import File
from bitacora_schemas.events.message import Message
from bitacora_schemas.events.parts import MediaPart, Part, TemplatePart, TextPart

from services.ingest.projection.json_text import to_json


class StoredParts(NamedTuple):
    """What the parts of a message become: JSON or null for one plain text, the template block, the files."""

    parts: str | None
    template: str | None
    files: tuple[tuple[int, File], ...]


def store_parts(parts: tuple[Part, ...], plain_text: str) -> StoredParts:
    """Keeps parts as JSON only where they say more than the plain text does."""
    if len(parts) == 1:
        only = parts[0]
        if (
            type(only) is TextPart
            and only.index == 0
            and only.text == plain_text
            and only.format is None
            and (only.plain_text == plain_text or not only.plain_text)
        ):
            return _PLAIN
    template = next((part.template for part in parts if type(part) is TemplatePart), None)
    return StoredParts(
        to_json(parts),
        None if template is None else to_json(template),
        tuple((part.index, part.file) for part in parts if type(part) is MediaPart),
    )


def part_indexes(parts: str | None) -> set[int]:
    """The indexes of stored parts; one plain text is part 0."""
    if parts is None:
        return {0}
    return {part["index"] for part in msgspec.json.decode(parts)}


def reply_json(message: Message) -> str | None:
    """The block that says what a message answers."""
    return None if message.reply_to is None else to_json(message.reply_to)


_PLAIN = StoredParts(None, None, ())
