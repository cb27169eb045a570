"""The files customers sent."""

from pathlib import Path
from uuid import UUID

import asyncpg
from msgspec import Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.readmodel.message_ids import opaque_id
from services.readmodel.row_reading import file_url
from services.readmodel.rows import FileRow

SQL = load_statements(Path(__file__).with_suffix(".sql"))


class StoredFile(Struct, frozen=True):
    """A file whose content we hold; `blob_key` names it in the store of files."""

    file_id: str
    blob_key: str
    name: str | None
    mime_type: str | None
    size_bytes: int | None
    sha256: str | None


BLOB_SCHEME = "blob:"
"""How `stored_uri` names a file of our own store; any other address is not ours to serve."""


async def list_files(
    conn: Connection, account_id: int, conversation_id: UUID, conv_key: int, *, opaque_ids: bool = True
) -> tuple[FileRow, ...]:
    """The customer's files of a conversation, oldest first."""
    rows = await conn.fetch(SQL["list_files"], account_id, conv_key)
    return tuple(_file(row, conversation_id, opaque_ids=opaque_ids) for row in rows)


async def find_stored_file(
    conn: Connection, account_id: int, conversation_id: UUID, file_id: str
) -> StoredFile | None:
    """A file of a conversation whose content we hold, None for any other."""
    rows = await conn.fetch(SQL["find_file"], account_id, conversation_id)
    for row in rows:
        uri = row["stored_uri"]
        if _file_id(row) == file_id and row["state"] == "stored" and uri and uri.startswith(BLOB_SCHEME):
            return StoredFile(
                file_id=file_id,
                blob_key=uri.removeprefix(BLOB_SCHEME),
                name=row["name"],
                mime_type=row["mime_type"],
                size_bytes=row["size_bytes"],
                sha256=row["sha256"],
            )
    return None


def _file(row: asyncpg.Record, conversation_id: UUID, *, opaque_ids: bool) -> FileRow:
    file_id = _file_id(row)
    stored = row["state"] == "stored" and (row["stored_uri"] or "").startswith(BLOB_SCHEME)
    return FileRow(
        file_id=file_id,
        kind=row["kind"],
        mime_type=row["mime_type"],
        name=row["name"],
        size_bytes=row["size_bytes"],
        state=row["state"],
        message_id=opaque_id(row["message_key"]) if opaque_ids else row["message_id"],
        at=row["occurred_at"],
        url=file_url(conversation_id, file_id) if stored else None,
    )


def _file_id(row: asyncpg.Record) -> str:
    """The source's id, or one of ours where the source gave none."""
    return row["file_id"] or f"{opaque_id(row['message_key'])}-{row['part_index']}"
