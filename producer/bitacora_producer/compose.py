"""From typed data to a record: times, keys and ids filled, and the result checked as ingest will check it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

import msgspec
from bitacora_schemas import identity
from bitacora_schemas.events.blocks import (
    Chatbot,
    Contact,
    ConversationHint,
    Environment,
    EventData,
    Origin,
    Thread,
)
from bitacora_schemas.events.catalog import WIRE_TYPES
from bitacora_schemas.events.compose import complete_envelope
from bitacora_schemas.events.decode import check_thread_key, decode_event
from bitacora_schemas.events.refusal import DecodeRefusal
from bitacora_schemas.thread_key import thread_key

from bitacora_producer.errors import InvalidEventError
from bitacora_producer.record import Record, record_of


class Common(TypedDict, total=False):
    """What every function of the producer takes besides its own arguments.

    `time` is when it happened, aware; left out, it is taken as now and marked as received. Ids sort by it.
    """

    time: datetime | None
    recordedtime: datetime | None
    chatbot: Chatbot | None
    conversation: ConversationHint | None
    origin: Origin | None
    correlationid: str | None
    causationid: str | None
    sequence: str | None
    traceparent: str | None


class CommonWithContact(Common, total=False):
    """The same with a contact, for types that do not name one of their own."""

    contact: Contact | None


class Sender(NamedTuple):
    """On whose behalf events are published."""

    account: str
    connection: str
    environment: Environment
    topic: str
    clock: Callable[[], datetime]


def compose(sender: Sender, data: EventData, common: Common | CommonWithContact) -> Record:
    """Return the record of an event; InvalidEventError when ingest would refuse it."""
    recorded = rfc3339(common.get("recordedtime") or sender.clock())
    given = common.get("time")
    plain = msgspec.to_builtins(data)
    plain.setdefault("time_quality", "received" if given is None else "source")
    event: dict[str, Any] = {
        "accountid": sender.account,
        "connectionid": sender.connection,
        "environment": sender.environment,
        "type": WIRE_TYPES[type(data)],
        "time": None if given is None else rfc3339(given),
        "recordedtime": recorded,
    }
    event |= {
        name: common[name]
        for name in ("correlationid", "causationid", "sequence", "traceparent")
        if common.get(name) is not None
    }
    return complete(sender.topic, event, plain, _key_of(data.thread, sender.account, sender.environment))


def complete(
    topic: str, event: dict[str, Any], data: dict[str, Any], computed_key: str | None = None
) -> Record:
    """Return the record of an event given as plain values, with whatever is absent filled in.

    `event` are the attributes; they need accountid, connectionid, environment, type and recordedtime. What is
    there stays as it is. `computed_key` is the key of data.thread, if the caller has computed it.
    InvalidEventError when ingest would refuse the result.
    """
    key = computed_key or event.get("partitionkey") or event.get("subject") or _thread_key(event, data)
    value = complete_envelope(event, data, id=event.get("id") or _id(event, data, key), key=key)
    try:
        decoded = decode_event(value)
        if computed_key is None:
            check_thread_key(decoded, key.encode())
    except DecodeRefusal as refusal:
        raise InvalidEventError(refusal.reason, refusal.detail) from None
    return record_of(topic, value, decoded)


def rfc3339(time: datetime) -> str:
    """Return the text of a time, in UTC; InvalidEventError when it has no zone."""
    if time.tzinfo is None:
        raise InvalidEventError("bad_envelope", "a time must have a zone")
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _thread_key(event: dict[str, Any], data: dict[str, Any]) -> str:
    try:
        thread = msgspec.convert(data.get("thread"), Thread)
    except msgspec.ValidationError as error:
        raise InvalidEventError("bad_data", f"data.thread: {error}") from None
    return _key_of(thread, event["accountid"], event["environment"])


def _key_of(thread: Thread, account: str, environment: str) -> str:
    contact = thread.contact
    return _key(account, environment, thread.channel, thread.channel_address, contact.kind, contact.value)


@lru_cache(maxsize=4_096)
def _key(*parts: str) -> str:
    return thread_key(*parts)


def _id(event: dict[str, Any], data: dict[str, Any], key: str) -> str:
    try:
        return str(
            identity.event_id(
                type=event["type"],
                thread_key=key,
                connectionid=event["connectionid"],
                data=data,
                time=event.get("time"),
                recordedtime=event["recordedtime"],
            )
        )
    except (ValueError, TypeError):
        raise InvalidEventError("bad_envelope", "no id can be made of these values") from None
