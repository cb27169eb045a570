"""What goes to Kafka for an event, and what came of it."""

from collections.abc import Callable
from typing import Literal, NamedTuple
from uuid import UUID

from bitacora_schemas.events.compose import headers_of
from bitacora_schemas.events.decode import Decoded

Header = tuple[str, bytes]
State = Literal["acknowledged", "spooled", "failed"]

_ENVELOPE_BYTES = 64  # what a record takes in memory and on disk besides its texts, roughly


class Record(NamedTuple):
    """A record ready to send, unchanged from here on."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    event_id: UUID | None

    @property
    def size(self) -> int:
        """How many bytes of a buffer it takes."""
        size = _ENVELOPE_BYTES + len(self.key or b"") + len(self.value or b"")
        for name, value in self.headers:
            size += len(name) + len(value)
        return size


class Delivery(NamedTuple):
    """What became of a record: its place in Kafka, or that it is safe on disk, or the error for which it is neither."""

    event_id: UUID | None
    topic: str
    partition: int | None
    offset: int | None
    error: BaseException | None
    spooled: bool = False

    @property
    def state(self) -> State:
        """`acknowledged` by Kafka, `spooled` on disk from where it will go to Kafka, or `failed`."""
        if self.error is not None:
            return "failed"
        return "spooled" if self.spooled else "acknowledged"


Report = Callable[[Delivery], None]
"""Is told what became of a record."""


def failure(record: Record, error: BaseException) -> Delivery:
    """Return the report that a record is neither in Kafka nor on disk."""
    return Delivery(record.event_id, record.topic, None, None, error)


def record_of(topic: str, value: bytes, event: Decoded) -> Record:
    """Return the record of an event, with the headers that let a consumer skip it without parsing."""
    attributes = event.attributes
    headers = headers_of(attributes.type, attributes.id, attributes.accountid)
    encoded = tuple((name, text.encode()) for name, text in headers.items())
    return Record(topic, attributes.partitionkey.encode(), value, encoded, attributes.id)
