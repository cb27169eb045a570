"""From a record's bytes and headers to its attributes, with the data still as bytes."""

import json
from typing import NoReturn

import msgspec

from bitacora_schemas.events.binary_mode import Headers, envelope_of, is_binary
from bitacora_schemas.events.envelope import RawEnvelope, is_slug
from bitacora_schemas.events.json_text import refuse_malformed
from bitacora_schemas.events.refusal import DecodeRefusal, RefusalReason, safe_detail
from bitacora_schemas.events.rules import in_utc

_DECODER = msgspec.json.Decoder(RawEnvelope)
_REQUIRED = sum(field.required for field in msgspec.structs.fields(RawEnvelope))
_QUOTES = 4 * (_REQUIRED - 1) + 2  # of the required attributes, and of the key "data"


def open_envelope(value: bytes, headers: Headers | None) -> RawEnvelope:
    """Return valid attributes with both times in UTC; DecodeRefusal when there are none.

    `value` has passed `check_text`.
    """
    try:
        if headers and is_binary(headers):
            envelope = envelope_of(value, headers)
        else:
            envelope = _DECODER.decode(value)
            _check_no_attribute_twice(envelope, value)
    except msgspec.ValidationError as error:
        raise DecodeRefusal(RefusalReason.BAD_ENVELOPE, safe_detail(error)) from None
    except msgspec.DecodeError as error:
        raise refuse_malformed(value, safe_detail(error)) from None
    if not (is_slug(envelope.accountid) and is_slug(envelope.connectionid)):
        refuse_envelope("accountid and connectionid are 1 to 64 of a-z, 0-9 and -")
    if not envelope.datacontenttype.startswith("application/json"):
        refuse_envelope("datacontenttype is not application/json")
    if envelope.subject != envelope.partitionkey:
        raise DecodeRefusal(RefusalReason.KEY_MISMATCH, "subject and partitionkey differ")
    time, recordedtime = in_utc(envelope.time), in_utc(envelope.recordedtime)
    if time is None or recordedtime is None:
        refuse_envelope("time and recordedtime lie between 1970 and 2199")
    if time is not envelope.time or recordedtime is not envelope.recordedtime:
        return msgspec.structs.replace(envelope, time=time, recordedtime=recordedtime)
    return envelope


def refuse_envelope(detail: str) -> NoReturn:
    """Raise `bad_envelope`."""
    raise DecodeRefusal(RefusalReason.BAD_ENVELOPE, detail)


def _check_no_attribute_twice(envelope: RawEnvelope, value: bytes) -> None:
    """Refuse an attribute given twice: two readers may take it differently, so neither is believed.

    Attributes are texts, so each brings four quotes, and the usual record has its data last. When there are just
    as many quotes before the data as the attributes read account for, none can be there twice. Whatever looks
    different is told apart by a second parse.
    """
    data_at = len(value) - len(memoryview(envelope.data)) - 1
    quotes = value.count(b'"', 0, data_at)
    if quotes == _QUOTES + 4 * _optional_given(envelope) and b'data":' in value[data_at - 8 : data_at]:
        return
    if _has_key_twice(value):
        refuse_envelope("an attribute is given twice")


def _optional_given(envelope: RawEnvelope) -> int:
    return (
        (envelope.dataschema is not None)
        + (envelope.correlationid is not None)
        + (envelope.causationid is not None)
        + (envelope.sequence is not None)
        + (envelope.traceparent is not None)
    )


def _has_key_twice(value: bytes) -> bool:
    pairs: list[tuple[str, object]] = []

    def keep(found: list[tuple[str, object]]) -> None:
        nonlocal pairs
        pairs = found  # objects close from the inside out: the last one is the envelope

    json.loads(value, object_pairs_hook=keep)
    return len(dict(pairs)) != len(pairs)
