"""From a message on the wire to the columns that keep it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from bitacora_schemas.events.file import File
from bitacora_schemas.events.message import Message
from bitacora_schemas.events.parts import MediaPart, Part, TemplatePart, TextPart

from services.ingest.reducer.rows import FileRow

_ENCODER = msgspec.json.Encoder()


class StoredParts(NamedTuple):
    """What the parts of a message become: JSON or null for one plain text, the template block, the files."""

    parts: str | None
    template: str | None
    files: tuple[tuple[int, File], ...]


def to_json(value: object) -> str:
    """Compact JSON text."""
    return _ENCODER.encode(value).decode()


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


def file_row(
    account_id: int,
    message_key: UUID,
    part_index: int,
    file: File,
    *,
    at: datetime,
    event_id: UUID,
    conv_key: int | None = None,
    from_customer: bool = False,
) -> FileRow:
    """A file as an event describes it."""
    return FileRow(
        account_id=account_id,
        message_key=message_key,
        part_index=part_index,
        conv_key=conv_key,
        file_id=file.file_id,
        kind=file.kind,
        mime_type=file.mime_type,
        name=file.name,
        caption=file.caption,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        state=file.state,
        unavailable_reason=None,
        stored_uri=file.stored_uri,
        source=None if file.source is None else to_json(file.source),
        from_customer=from_customer,
        occurred_at=at,
        version_at=at,
        version_event_id=event_id,
    )


_PLAIN = StoredParts(None, None, ())
