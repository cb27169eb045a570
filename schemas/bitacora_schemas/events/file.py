"""A file that travels with a message, and what became of it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.scalars import Id, Index, Name, Size, Time, Word

FileState = Literal["pending", "stored", "unavailable"]


class FileSource(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where the vendor keeps the file. Never shown to an operator: it expires soon and points outside."""

    media_id: Id | None = None
    url: Annotated[str, Meta(max_length=8192)] | None = None
    url_expires_at: Time | None = None


class File(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A file: kind is image, video, audio, voice, document or sticker; `sha256` is in hex."""

    file_id: Id
    kind: Word
    mime_type: Name
    state: FileState
    name: Name | None = None
    caption: str | None = None
    size_bytes: Size | None = None
    sha256: Id | None = None
    source: FileSource | None = None
    stored_uri: Annotated[str, Meta(max_length=8192)] | None = None


class FileStored(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A message's file is now in our store."""

    message_id: Id
    part_index: Index
    file: File


class FileUnavailable(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A message's file will not come: expired, rejected, too_large, malware or error."""

    message_id: Id
    part_index: Index
    reason: Word
