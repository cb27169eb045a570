"""What goes to Kafka for an event, and what came of it."""

from typing import NamedTuple
from uuid import UUID

from bitacora_schemas.events.decode import Decoded
from bitacora_schemas.events.envelope import CONTENT_TYPE

Header = tuple[str, bytes]


class Record(NamedTuple):
    """A record ready to send, unchanged from here on."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    event_id: UUID | None


class Delivery(NamedTuple):
    """What Kafka said: the place of the record, or the error for which it will not be there."""

    event_id: UUID | None
    topic: str
    partition: int | None
    offset: int | None
    error: BaseException | None


def record_of(topic: str, value: bytes, event: Decoded) -> Record:
    """Return the record of an event, with the headers that let a consumer skip it without parsing."""
    attributes = event.attributes
    headers = (
        ("content-type", CONTENT_TYPE.encode()),
        ("ce_type", attributes.type.encode()),
        ("ce_id", str(attributes.id).encode()),
        ("ce_accountid", attributes.accountid.encode()),
    )
    return Record(topic, attributes.partitionkey.encode(), value, headers, attributes.id)
