"""Exports on Kafka: a request, and what became of it. CloudEvents, keyed by account."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from bitacora_schemas.events.scalars import Id, Name, Size, Time, Word
from bitacora_schemas.exports.states import ExportState

EXPORT_REQUESTED = "bitacora.export.requested.v1"
EXPORT_CHANGED = "bitacora.export.changed.v1"

ReleasedFormat = Literal["csv", "ndjson", "xlsx", "parquet", "pdf", "html"]
"""The words that these events were released with, which never get fewer; `formats.py` says which are made."""


class ExportRequested(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Ask for an export: of a filtered list (`filter`), or of one conversation (`conversation_id`).

    The same `request_key` of an account makes one job, however often it is sent.
    """

    request_key: Id
    format: ReleasedFormat
    filter: Mapping[str, Any] | None = None
    conversation_id: UUID | None = None
    profile: Literal["spreadsheet", "data"] | None = None
    timezone: Word | None = None
    requested_by: Id | None = None


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
