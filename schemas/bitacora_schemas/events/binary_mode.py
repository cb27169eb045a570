"""CloudEvents binary mode: the value is the data, the attributes travel in `ce_*` headers."""

from collections.abc import Iterable, Sequence

import msgspec

from bitacora_schemas.events.envelope import RawEnvelope
from bitacora_schemas.events.identifiers import has_control
from bitacora_schemas.events.json_text import check_utf8
from bitacora_schemas.events.refusal import DecodeRefusal, RefusalReason

Headers = Sequence[tuple[str, bytes | None]]
"""Kafka record headers, as every Python client gives them."""

_PREFIX = "ce_"
_CONTENT_TYPE = "content-type"
_STRUCTURED = b"application/cloudevents"


def is_binary(headers: Headers) -> bool:
    """Tell binary mode from structured mode, whose producers copy only some attributes into headers."""
    has_version = False
    for name, value in headers:
        if name == "ce_specversion":
            has_version = True
        elif name == _CONTENT_TYPE and value is not None and value.lower().startswith(_STRUCTURED):
            return False
    return has_version


def envelope_of(value: bytes, headers: Headers) -> RawEnvelope:
    """Build the envelope from headers; msgspec.DecodeError when data or headers do not make one."""
    attributes: dict[str, object] = {"data": msgspec.json.decode(value, type=msgspec.Raw)}
    content_type = "application/json"
    for name, text in _texts(headers):
        if name == _CONTENT_TYPE:
            content_type = text
            continue
        attribute = name.removeprefix(_PREFIX)
        if attribute in attributes:
            raise DecodeRefusal(RefusalReason.BAD_ENVELOPE, "an attribute is given twice")
        attributes[attribute] = text
    attributes["datacontenttype"] = content_type
    return msgspec.convert(attributes, RawEnvelope)


def _texts(headers: Headers) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        lower = name.lower()
        if value is None or not (lower.startswith(_PREFIX) or lower == _CONTENT_TYPE):
            continue
        text = check_utf8(value)
        if "\0" in text:
            raise DecodeRefusal(RefusalReason.UNSTORABLE_TEXT, "a header holds U+0000")
        if has_control(text):
            raise DecodeRefusal(RefusalReason.BAD_ENVELOPE, "an attribute holds a control character")
        yield lower, text
