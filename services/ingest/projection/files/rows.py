"""The row of a file; the fields are the columns."""

from datetime import datetime
from uuid import UUID

from bitacora_schemas.events.file import File
from msgspec import Struct

from services.ingest.projection.json_text import to_json
from services.ingest.projection.table import Table


class FileRow(Struct, frozen=True, gc=False):
    """A file of a message; `conv_key` is null until the message stands in a conversation."""

    account_id: int
    message_key: UUID
    part_index: int
    conv_key: int | None
    file_id: str | None
    kind: str | None
    mime_type: str | None
    name: str | None
    caption: str | None
    size_bytes: int | None
    sha256: str | None
    state: str
    unavailable_reason: str | None
    stored_uri: str | None
    source: str | None
    from_customer: bool
    occurred_at: datetime
    version_at: datetime
    version_event_id: UUID
    reported: bool = False
    """A file event gave the state, not the message."""


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


FILE: Table[FileRow] = Table.of("file", FileRow)
