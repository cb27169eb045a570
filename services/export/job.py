"""An export job as the worker sees it, and its specification, checked."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from bitacora_schemas.exports.formats import FormatName, ListSpec, Spec, format_of
from bitacora_schemas.exports.stored import spec_from_row, with_identifiers_hidden
from msgspec import Struct

from services.export.outcome import PermanentFailure
from services.readmodel.conversation_filter import ConversationFilter
from services.readmodel.parameters import zone_of
from services.readmodel.stored_filter import filter_from_json


class Job(Struct, frozen=True, kw_only=True):
    """A claimed job. `attempt` is the fence of every later write; `spec` is unread JSON."""

    account_id: int
    account: str
    account_name: str
    export_id: UUID
    request_key: str
    requested_by: str
    role: Literal["operator", "admin"]
    format: FormatName
    spec: Any
    attempt: int
    created_at: datetime
    claimed_at: datetime


def read_spec(job: Job) -> Spec:
    """What the renderer is to make: the job's specification, with identifiers hidden from whom they are hidden.

    Whatever the specification says: the one place that decides it, for every format. Raises PermanentFailure(bad_spec).
    """
    try:
        spec = spec_from_row(job.format, job.spec)
    except msgspec.ValidationError as error:
        raise PermanentFailure("bad_spec", str(error)) from error
    if zone_of(spec.timezone) is None:
        raise PermanentFailure("bad_spec", f"unknown time zone {spec.timezone!r}")
    languages = format_of(spec).languages
    if languages and (locale := getattr(spec, "locale", None)) not in languages:
        raise PermanentFailure("bad_spec", f"no {job.format} is made in {locale!r}")
    return spec if job.role == "admin" else with_identifiers_hidden(spec)


def read_filter(spec: ListSpec) -> ConversationFilter:
    """The filter of a specification. Raises PermanentFailure(bad_spec)."""
    try:
        return filter_from_json(spec.filter)
    except msgspec.ValidationError as error:
        raise PermanentFailure("bad_spec", str(error)) from error
