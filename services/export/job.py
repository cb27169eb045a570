"""An export job as the worker sees it, and what its specification may say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct, field

from services.export.outcome import PermanentFailure
from services.readmodel.conversation_filter import ConversationFilter
from services.readmodel.parameters import zone_of

Format = Literal["csv", "pdf"]
Profile = Literal["spreadsheet", "data"]


class CsvSpec(Struct, frozen=True, kw_only=True):
    """A CSV of everything that `filter` finds; `masked` hides phones and e-mails as lists do for operators."""

    filter: ConversationFilter = field(default_factory=ConversationFilter)
    profile: Profile = "spreadsheet"
    timezone: str = "UTC"
    delimiter: Literal[",", ";"] = ","
    masked: bool = True
    gzip: bool = False


class PdfSpec(Struct, frozen=True, kw_only=True):
    """A transcript of one conversation, in Spanish, with the times of `timezone`."""

    conversation_id: UUID
    timezone: str = "UTC"
    locale: Literal["es"] = "es"


Spec = CsvSpec | PdfSpec
S = TypeVar("S", CsvSpec, PdfSpec)


class Job(Struct, frozen=True, kw_only=True):
    """A claimed job. `attempt` is the fence of every later write; `spec` is unread JSON."""

    account_id: int
    account: str
    account_name: str
    export_id: UUID
    request_key: str
    requested_by: str
    role: Literal["operator", "admin"]
    format: Format
    spec: Any
    attempt: int
    created_at: datetime
    claimed_at: datetime


def read_spec(job: Job) -> Spec:
    """The job's specification, checked. Raises PermanentFailure(bad_spec)."""
    if not isinstance(job.spec, Mapping):
        raise PermanentFailure("bad_spec", "the specification is no object")
    spec: Spec = _convert(job.spec, CsvSpec) if job.format == "csv" else _convert(job.spec, PdfSpec)
    if zone_of(spec.timezone) is None:
        raise PermanentFailure("bad_spec", f"unknown time zone {spec.timezone!r}")
    return spec


def _convert(spec: Mapping[str, Any], kind: type[S]) -> S:
    # An unknown condition of a filter must not be passed over: the file would hold more than was asked for.
    known = {each.encode_name for each in msgspec.structs.fields(ConversationFilter)}
    unknown = sorted(set(spec.get("filter") or {}) - known)
    if unknown:
        raise PermanentFailure("bad_spec", f"unknown filter field {unknown[0]!r}")
    try:
        return msgspec.convert(spec, kind)
    except msgspec.ValidationError as error:
        raise PermanentFailure("bad_spec", str(error)) from error
