"""From the values of an event to what goes to Kafka: the one place that puts an envelope and its headers together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from bitacora_schemas.events.blocks import Environment
from bitacora_schemas.events.envelope import CONTENT_TYPE, DATA_CONTENT_TYPE, SPEC_VERSION, source_of

_ENCODER = msgspec.json.Encoder()


class EventRecord(NamedTuple):
    """An event as Kafka is given it, and its id. `value` is the envelope as JSON in UTF-8."""

    id: UUID
    key: str
    headers: Mapping[str, str]
    value: bytes


def compose_event(
    data: msgspec.Struct,
    *,
    id: UUID,  # noqa: A002 - the envelope's own name
    type: str,  # noqa: A002 - the same
    key: str,
    time: datetime,
    recordedtime: datetime,
    accountid: str,
    source: str,
    subject: str | None = None,
    connectionid: str | None = None,
    environment: Environment | None = None,
    causationid: str | None = None,
) -> EventRecord:
    """Return the record of an event whose values are known to be right; the same values give the same bytes.

    `subject` is the key unless given. Times are aware. What is None is left out of the envelope.
    """
    envelope: dict[str, Any] = {
        "specversion": SPEC_VERSION,
        "id": id,
        "source": source,
        "type": type,
        "subject": subject or key,
        "partitionkey": key,
        "time": time,
        "recordedtime": recordedtime,
        "datacontenttype": DATA_CONTENT_TYPE,
        "accountid": accountid,
    }
    optional = {"connectionid": connectionid, "environment": environment, "causationid": causationid}
    envelope |= {name: value for name, value in optional.items() if value is not None}
    envelope["data"] = data
    return EventRecord(id, key, headers_of(type, id, accountid), _ENCODER.encode(envelope))


def complete_envelope(
    given: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    id: str,  # noqa: A002 - the envelope's own name
    key: str,
) -> bytes:
    """Return the envelope of an event that comes as plain values; whatever is given, and not None, stays as it is.

    `given` are attributes: accountid, connectionid and recordedtime must be there, and without `time` it is
    recordedtime.
    """
    return _ENCODER.encode(
        {
            "specversion": SPEC_VERSION,
            "id": id,
            "source": source_of(given["accountid"], given["connectionid"]),
            "datacontenttype": DATA_CONTENT_TYPE,
            "subject": key,
            "partitionkey": key,
            **{name: value for name, value in given.items() if value is not None},
            "time": given.get("time") or given["recordedtime"],
            "data": data,
        }
    )


def headers_of(type: str, id: UUID, accountid: str) -> dict[str, str]:  # noqa: A002 - the envelope's own names
    """Return the headers of a record: a consumer can skip it by them without parsing it."""
    return {"content-type": CONTENT_TYPE, "ce_type": type, "ce_id": str(id), "ce_accountid": accountid}
