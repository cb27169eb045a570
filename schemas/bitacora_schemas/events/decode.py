"""From a Kafka record to a typed event, or a named refusal.

One decode of the envelope leaves the data as bytes; the type then picks the Struct that decodes them.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn
from uuid import UUID

import msgspec

from bitacora_schemas.events.binary_mode import Headers, envelope_of, is_binary
from bitacora_schemas.events.blocks import Environment, EventData
from bitacora_schemas.events.catalog import CATALOG, LIFECYCLE_CATALOG, split_type, wire_type
from bitacora_schemas.events.envelope import Attributes, RawEnvelope
from bitacora_schemas.events.identifiers import field_with_control, may_hold_control
from bitacora_schemas.events.json_text import check_text, refuse_malformed
from bitacora_schemas.events.open_parts import convert_data
from bitacora_schemas.events.refusal import DecodeRefusal, RefusalReason
from bitacora_schemas.events.rules import broken_rule, is_sane
from bitacora_schemas.events.upcasters import UPCASTERS, upcast
from bitacora_schemas.thread_key import thread_key


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """What every readable record has: its attributes, its type without version, and the major version."""

    attributes: Attributes
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


class DecodedEvent(Decoded, frozen=True, gc=False):
    """An event with typed data: match on `data`, or look at `type`. `major` is that of the Struct."""

    data: EventData


class UnknownEvent(Decoded, frozen=True, gc=False):
    """A well-formed event of a type or major version that this library does not know; no refusal."""

    data: msgspec.Raw


Event = DecodedEvent | UnknownEvent

_ENVELOPE = msgspec.json.Decoder(RawEnvelope)
_DECODERS: Mapping[str, tuple[str, int, msgspec.json.Decoder[Any]]] = {
    wire_type(name, major): (name, major, msgspec.json.Decoder(struct))
    for (name, major), struct in {**CATALOG, **LIFECYCLE_CATALOG}.items()
}
_SLUG = re.compile(r"[a-z0-9-]{1,64}")


def decode_event(value: bytes | None, headers: Headers | None = None) -> Event:
    """Decode one record, structured or binary mode; raise DecodeRefusal and nothing else.

    The account's existence and the record key are not judged here: see `check_thread_key`.
    """
    value = check_text(value)
    attributes = _envelope(value, headers)
    known = _DECODERS.get(attributes.type)
    if known is None:
        return _older_or_unknown(attributes, value)
    name, major, decoder = known
    try:
        data = decoder.decode(attributes.data)
    except msgspec.ValidationError as error:
        data = _with_unknown_parts(attributes.data, decoder.type, error)
    except msgspec.DecodeError as error:  # only in binary mode: else the envelope's decode has met it
        raise refuse_malformed(value, safe_detail(error)) from None
    _check(attributes, data, value)
    return DecodedEvent(attributes, name, major, data)


def check_thread_key(event: Decoded, record_key: bytes | None) -> None:
    """Refuse with `key_mismatch` unless record key, envelope and the data's thread agree.

    The thread of an UnknownEvent is not known, so only its record key is compared.
    """
    if record_key is None or record_key != event.thread_key.encode():
        raise DecodeRefusal(RefusalReason.KEY_MISMATCH, "the record key is not the partitionkey")
    if isinstance(event, DecodedEvent):
        thread = event.data.thread
        key = _thread_key(
            event.accountid,
            event.environment,
            thread.channel,
            thread.channel_address,
            thread.contact.kind,
            thread.contact.value,
        )
        if key != event.thread_key:
            raise DecodeRefusal(RefusalReason.KEY_MISMATCH, "the subject is not the key of data.thread")


def safe_detail(error: msgspec.MsgspecError) -> str:
    """Return the decoder's message without the value it may quote."""
    text = str(error)
    head, quote, rest = text.partition("'")
    if not quote:
        return text
    return f"{head.rstrip()} - at {rest.rpartition(' - at ')[2]}"


def _envelope(value: bytes, headers: Headers | None) -> RawEnvelope:
    try:
        if headers and is_binary(headers):
            attributes = envelope_of(value, headers)
        else:
            attributes = _ENVELOPE.decode(value)
            _check_no_attribute_twice(attributes, value)
    except msgspec.ValidationError as error:
        raise DecodeRefusal(RefusalReason.BAD_ENVELOPE, safe_detail(error)) from None
    except msgspec.DecodeError as error:
        raise refuse_malformed(value, safe_detail(error)) from None
    if not (_is_slug(attributes.accountid) and _is_slug(attributes.connectionid)):
        _refuse_envelope("accountid and connectionid are 1 to 64 of a-z, 0-9 and -")
    if not (is_sane(attributes.time) and is_sane(attributes.recordedtime)):
        _refuse_envelope("time and recordedtime lie between 1970 and 2199")
    if not attributes.datacontenttype.startswith("application/json"):
        _refuse_envelope("datacontenttype is not application/json")
    if attributes.subject != attributes.partitionkey:
        raise DecodeRefusal(RefusalReason.KEY_MISMATCH, "subject and partitionkey differ")
    if attributes.time.tzinfo is not UTC or attributes.recordedtime.tzinfo is not UTC:
        return msgspec.structs.replace(
            attributes,
            time=attributes.time.astimezone(UTC),
            recordedtime=attributes.recordedtime.astimezone(UTC),
        )
    return attributes


def _check_no_attribute_twice(attributes: RawEnvelope, value: bytes) -> None:
    """Refuse an attribute given twice: two readers may take it differently, so neither is believed.

    The keys outside `data` are counted by their colons; only when the count differs from what was read
    (attributes unknown here, blanks) are they told apart by a second parse.
    """
    known = _REQUIRED_ATTRIBUTES + sum(
        attribute is not None
        for attribute in (
            attributes.dataschema,
            attributes.correlationid,
            attributes.causationid,
            attributes.sequence,
            attributes.traceparent,
        )
    )
    outside = value.count(b'":') - bytes(attributes.data).count(b'":')
    if outside != known and _has_key_twice(value):
        _refuse_envelope("an attribute is given twice")


_REQUIRED_ATTRIBUTES = sum(field.required for field in msgspec.structs.fields(RawEnvelope))


def _has_key_twice(value: bytes) -> bool:
    try:
        json.loads(value, object_pairs_hook=_unique)
    except _KeyTwice:
        return True
    return False


class _KeyTwice(Exception):  # noqa: N818 - a signal out of the parser
    pass


def _unique(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _KeyTwice


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
            _refuse_envelope("an attribute holds a control character")
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
            _refuse_envelope("an attribute holds a control character")
        if path := field_with_control(data):
            raise DecodeRefusal(RefusalReason.BAD_DATA, f"a control character - at `$.{path}`")
    if broken := broken_rule(attributes, data, len(value)):
        raise DecodeRefusal(RefusalReason.BAD_DATA, broken)


def _refuse_envelope(detail: str) -> NoReturn:
    raise DecodeRefusal(RefusalReason.BAD_ENVELOPE, detail)


@lru_cache(maxsize=4096)
def _is_slug(text: str) -> bool:
    return _SLUG.fullmatch(text) is not None


@lru_cache(maxsize=16_384)
def _thread_key(*parts: str) -> str:
    return thread_key(*parts)
