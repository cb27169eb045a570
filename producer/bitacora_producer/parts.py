"""Short ways to make the usual parts, and what a message reads as in plain text."""

from collections.abc import Sequence
from uuid import uuid4

import msgspec
from bitacora_schemas.events.file import File, FileSource
from bitacora_schemas.events.parts import (
    ChoicePart,
    ChoicesPart,
    EmailPart,
    LocationPart,
    MediaPart,
    Part,
    SystemPart,
    TemplatePart,
    TextPart,
)


def text(value: str) -> TextPart:
    """Return a text."""
    return TextPart(index=0, plain_text=value, text=value)


def media(
    kind: str,
    mime_type: str,
    *,
    file_id: str | None = None,
    name: str | None = None,
    caption: str | None = None,
    size_bytes: int | None = None,
    media_id: str | None = None,
    url: str | None = None,
) -> MediaPart:
    """Return a file that is still with the vendor: kind image, video, audio, voice, document or sticker."""
    source = FileSource(media_id=media_id, url=url) if media_id or url else None
    file = File(
        file_id=file_id or media_id or str(uuid4()),
        kind=kind,
        mime_type=mime_type,
        state="pending",
        name=name,
        caption=caption,
        size_bytes=size_bytes,
        source=source,
    )
    return MediaPart(index=0, plain_text=caption or name or "", file=file)


def in_order(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts with plain texts filled; parts that all have index 0 are numbered as they stand."""
    renumber = len(parts) > 1 and all(part.index == 0 for part in parts)
    return tuple(
        msgspec.structs.replace(
            part, index=number if renumber else part.index, plain_text=part.plain_text or _reads_as(part)
        )
        for number, part in enumerate(parts)
    )


def plain_text_of(parts: Sequence[Part]) -> str:
    """Return what search, CSV and PDF show for these parts: one line a part."""
    return "\n".join(part.plain_text for part in parts if part.plain_text)


def _reads_as(part: Part) -> str:
    match part:
        case TextPart(text=words) | SystemPart(text=words) | ChoicesPart(prompt=words):
            reads = words
        case ChoicePart(title=words) | EmailPart(subject=words):
            reads = words
        case MediaPart(file=file):
            reads = file.caption or file.name or ""
        case TemplatePart(template=template):
            reads = template.text or f"{template.name} ({template.language})"
        case LocationPart(name=name, address=address):
            reads = name or address or f"{part.latitude}, {part.longitude}"
        case _:
            reads = ""
    return reads
