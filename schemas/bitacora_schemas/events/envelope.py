"""The CloudEvents 1.0 envelope of every record."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from bitacora_schemas.events.blocks import Environment, EventData
from bitacora_schemas.events.scalars import Id, Time

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
DATA_CONTENT_TYPE = "application/json"
SPEC_VERSION = "1.0"
TYPE_PREFIX = "bitacora."

_SLUG = re.compile(r"[a-z0-9-]{1,64}")
# Enforced by `is_slug`: msgspec would run the pattern for every event.
Slug = Annotated[str, Meta(extra_json_schema={"pattern": f"^{_SLUG.pattern}$"})]
Uri = Annotated[str, Meta(min_length=1, max_length=2048)]


class Attributes(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The attributes; lower-case names without underscores, as CloudEvents wants them."""

    specversion: Literal["1.0"]
    id: UUID
    source: Uri
    type: Id
    subject: Id
    partitionkey: Id
    time: Time
    recordedtime: Time
    datacontenttype: Id
    accountid: Slug
    connectionid: Slug
    environment: Environment
    dataschema: Uri | None = None
    correlationid: Id | None = None
    causationid: Id | None = None
    sequence: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    traceparent: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class RawEnvelope(Attributes, frozen=True, kw_only=True, gc=False):
    """The envelope with its data still as bytes: what a reader decodes first."""

    data: msgspec.Raw


class Envelope(Attributes, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The envelope with typed data: what a producer encodes."""

    data: EventData


@lru_cache(maxsize=4096)
def is_slug(text: str) -> bool:
    """Tell whether this may be the id of an account or a connection. Answers are kept, since those are few."""
    return _SLUG.fullmatch(text) is not None


def source_of(accountid: str, connectionid: str) -> str:
    """Return the `source` attribute of a connection."""
    return f"/accounts/{accountid}/connections/{connectionid}"


__all__ = [
    "CONTENT_TYPE",
    "DATA_CONTENT_TYPE",
    "SPEC_VERSION",
    "TYPE_PREFIX",
    "Attributes",
    "Envelope",
    "RawEnvelope",
    "datetime",
    "is_slug",
    "source_of",
]
