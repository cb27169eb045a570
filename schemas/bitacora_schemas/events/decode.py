"""From a Kafka record to a typed event, or a named refusal.

One decode of the envelope leaves the data as bytes; the type then picks the Struct that decodes them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from bitacora_schemas.events.binary_mode import Headers
from bitacora_schemas.events.blocks import Environment, EventData
from bitacora_schemas.events.catalog import CATALOG, LIFECYCLE_CATALOG, split_type, wire_type
from bitacora_schemas.events.envelope import RawEnvelope
from bitacora_schemas.events.identifiers import field_with_control, may_hold_control
from bitacora_schemas.events.json_text import check_text
from bitacora_schemas.events.open_envelope import open_envelope, refuse_envelope
from bitacora_schemas.events.open_parts import convert_data
from bitacora_schemas.events.refusal import DecodeRefusal, RefusalReason, safe_detail
from bitacora_schemas.events.rules import broken_rule
from bitacora_schemas.events.upcasters import UPCASTERS, upcast
from bitacora_schemas.thread_key import thread_key


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """What every readable record has: its attributes, its type without version, and the major version."""

    attributes: RawEnvelope
    type: str
    major: int

    @property
    def id(self) -> UUID:
        """Identity of the fact, within its account."""
        return self.attributes.id

    @property
    def accountid(self) -> str:
        return self.attributes.accountid

    @property
    def connectionid(self) -> str:
        return self.attributes.connectionid

    @property
    def environment(self) -> Environment:
        return self.attributes.environment

    @property
    def thread_key(self) -> str:
        """The key the producer gave; `check_thread_key` compares it with the thread."""
        return self.attributes.subject

    @property
    def time(self) -> datetime:
        """When it happened by the source's clock; aware, in UTC."""
        return self.attributes.time

    @property
    def recordedtime(self) -> datetime:
        """When the producer first saw it; aware, in UTC."""
        return self.attributes.recordedtime

    def structured(self) -> bytes:
        """The record as structured-mode JSON: how an event that came in binary mode is kept."""
        return msgspec.json.encode(self.attributes)


class DecodedEvent(Decoded, frozen=True, gc=False):
    """An event with typed data: match on `data`, or look at `type`. `major` is that of the Struct."""

    data: EventData


class UnknownEvent(Decoded, frozen=True, gc=False):
    """A well-formed event of a type or major version that this library does not know; no refusal."""

    data: msgspec.Raw


Event = DecodedEvent | UnknownEvent

_DECODERS: Mapping[str, tuple[str, int, msgspec.json.Decoder[Any]]] = {
    wire_type(name, major): (name, major, msgspec.json.Decoder(struct))
    for (name, major), struct in {**CATALOG, **LIFECYCLE_CATALOG}.items()
}


def decode_event(value: bytes | None, headers: Headers | None = None) -> Event:
    """Decode one record, structured or binary mode; raise DecodeRefusal and nothing else.

    The account's existence and the record key are not judged here: see `check_thread_key`.
    """
    value = check_text(value)
    attributes = open_envelope(value, headers)
    known = _DECODERS.get(attributes.type)
    if known is None:
        return _older_or_unknown(attributes, value)
    name, major, decoder = known
    try:
        data = decoder.decode(attributes.data)
    except msgspec.ValidationError as error:
        data = _with_unknown_parts(attributes.data, decoder.type, error)
    _check(attributes, data, value)
    return DecodedEvent(attributes, name, major, data)


def check_thread_key(
    event: Decoded, record_key: bytes | None, known: dict[tuple[str, ...], str] | None = None
) -> None:
    """Refuse with `key_mismatch` unless record key, envelope and the data's thread agree.

    The thread of an UnknownEvent is not known, so only its record key is compared. Who checks many events at once may
    pass one dict, `known`, for all of them: then the key of each thread is made once.
    """
    attributes = event.attributes
    subject = attributes.subject
    if record_key is None or record_key != subject.encode():
        raise DecodeRefusal(RefusalReason.KEY_MISMATCH, "the record key is not the partitionkey")
    if isinstance(event, DecodedEvent):
        thread = event.data.thread
        contact = thread.contact
        parts = (
            attributes.accountid,
            attributes.environment,
            thread.channel,
            thread.channel_address,
            contact.kind,
            contact.value,
        )
        key = None if known is None else known.get(parts)
        if key is None:
            key = thread_key(*parts)
            if known is not None:
                known[parts] = key
        if key != subject:
            raise DecodeRefusal(RefusalReason.KEY_MISMATCH, "the subject is not the key of data.thread")


def _with_unknown_parts(
    raw: msgspec.Raw, struct: type[EventData], error: msgspec.ValidationError
) -> EventData:
    if "parts[" in str(error):
        try:
            return convert_data(msgspec.json.decode(raw), struct)
        except msgspec.ValidationError as second:
            error = second
    raise DecodeRefusal(RefusalReason.BAD_DATA, safe_detail(error)) from None


def _older_or_unknown(attributes: RawEnvelope, value: bytes) -> Event:
    name, major = split_type(attributes.type)
    if (name, major) not in UPCASTERS:
        if may_hold_control(value) and field_with_control(attributes):
            refuse_envelope("an attribute holds a control character")
        return UnknownEvent(attributes, name, major, attributes.data)
    try:
        major, upcasted = upcast(name, major, msgspec.json.decode(attributes.data, type=dict[str, Any]))
        data = convert_data(upcasted, CATALOG[name, major])
    except msgspec.MsgspecError as error:
        raise DecodeRefusal(RefusalReason.BAD_DATA, safe_detail(error)) from None
    _check(attributes, data, value)
    return DecodedEvent(attributes, name, major, data)


def _check(attributes: RawEnvelope, data: EventData, value: bytes) -> None:
    if may_hold_control(value):
        if field_with_control(attributes):
            refuse_envelope("an attribute holds a control character")
        if path := field_with_control(data):
            raise DecodeRefusal(RefusalReason.BAD_DATA, f"a control character - at `$.{path}`")
    if broken := broken_rule(attributes, data, len(value)):
        raise DecodeRefusal(RefusalReason.BAD_DATA, broken)
