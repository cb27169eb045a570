"""What Kafka is told of an export. CloudEvents, keyed by account."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from bitacora_schemas.events.scalars import Id, Name, Size, Time
from bitacora_schemas.exports.states import ExportState

EXPORT_CHANGED = "bitacora.export.changed.v1"

ReleasedFormat = Literal["csv", "ndjson", "xlsx", "parquet", "pdf", "html"]
"""The words that these events were released with, which never get fewer; `formats.py` says which are made."""


class ExportChanged(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What became of an export; `error` is a code, `sha256` is in hex, `rows` and `bytes` are the file's."""

    export_id: UUID
    request_key: Id
    format: ReleasedFormat
    state: ExportState
    at: Time
    rows: Size | None = None
    bytes: Size | None = None
    sha256: Id | None = None
    expires_at: Time | None = None
    error: Name | None = None
