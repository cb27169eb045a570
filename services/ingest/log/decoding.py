"""From records to events or named refusals, without touching the database."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bitacora_schemas.events.binary_mode import is_binary
from bitacora_schemas.events.decode import Event, check_thread_key, decode_event
from bitacora_schemas.events.refusal import DecodeRefusal, RefusalReason
from msgspec import Struct

from services.ingest.log.event_key import EventKey, event_key
from services.ingest.log.positions import Position, positions_of
from services.ingest.source.protocol import Record

AccountFinder = Callable[[str], int | None]

_LATEST_APPEND = 253_402_300_799_000
"""The last millisecond of an append time that is believed: the end of 9999."""


class Accepted(Struct, frozen=True, gc=False):
    """A record that is an event of a known account; `payload` is what the log stores, UTF-8 without U+0000."""

    record: Record
    position: Position
    event: Event
    account_id: int
    key: EventKey
    payload: bytes


class Refused(Struct, frozen=True, gc=False):
    """A record that goes to the dead letters; `detail` names place and rule, never a value."""

    record: Record
    position: Position
    reason: RefusalReason
    detail: str


ClassifiedRecord = Accepted | Refused


def decode(records: Sequence[Record]) -> list[Event | DecodeRefusal]:
    """What each record says, in order; never raises for what a record holds."""
    decoded: list[Event | DecodeRefusal] = []
    keys: dict[tuple[str, ...], str] = {}
    for record in records:
        try:
            event = decode_event(record.value, record.headers)
            check_thread_key(event, record.key, keys)
            decoded.append(event)
        except DecodeRefusal as refusal:
            decoded.append(refusal)
    return decoded


def classify_records(
    records: Sequence[Record],
    decoded: Sequence[Event | DecodeRefusal],
    first_position: Position,
    find_account: AccountFinder,
) -> list[ClassifiedRecord]:
    """Which records are accepted as events, in order: what was decoded must be an event of an account that exists.

    `first_position` is where the log counts offset 0 of the records' incarnation.
    """
    classified: list[ClassifiedRecord] = []
    positions = positions_of(records, first_position)
    for record, position, event in zip(records, positions, decoded, strict=True):
        if isinstance(event, DecodeRefusal):
            classified.append(Refused(record, position, event.reason, event.detail))
            continue
        account_id = find_account(event.accountid)
        if account_id is None:
            classified.append(
                Refused(record, position, RefusalReason.UNKNOWN_ACCOUNT, "no account has this accountid")
            )
            continue
        key = event_key(account_id, event.attributes.id)
        classified.append(Accepted(record, position, event, account_id, key, _payload(record, event)))
    return classified


def _payload(record: Record, event: Event) -> bytes:
    """The CloudEvent as received; one in binary mode is written as structured, or its headers would be lost."""
    assert record.value is not None, "decoding refuses a record without a value"
    if record.headers and is_binary(record.headers):
        return event.structured()
    return record.value


def appended_ms(record: Record) -> int:
    """Kafka's append time in milliseconds; a broker's nonsense clock must not stop the log, so it is kept within 1970 and 9999."""
    return min(max(record.timestamp, 0), _LATEST_APPEND)


def appended_at(record: Record) -> datetime:
    """The same as a time in UTC."""
    return datetime.fromtimestamp(appended_ms(record) / 1000, UTC)
