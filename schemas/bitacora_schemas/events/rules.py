"""What must hold between the fields of an event, beyond what a type can say."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.contact import ContactErased
from bitacora_schemas.events.conversation import ConversationEnded
from bitacora_schemas.events.envelope import Attributes
from bitacora_schemas.events.message import MessageEdited, MessageReceived, MessageSent
from bitacora_schemas.events.parts import MediaPart

FIRST_YEAR = 1970
LAST_YEAR = 2199
"""Times outside are mistakes of unit or clock, and overflow sort keys and time zones."""

MAX_RAW_BYTES = 64 * 1024


def in_utc(time: datetime) -> datetime | None:
    """Return the time in UTC, the very same object when it is already; None outside the years we accept."""
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        return None
    return time if time.tzinfo is UTC else time.astimezone(UTC)


def broken_rule(attributes: Attributes, data: EventData, size: int) -> str | None:
    """Return what is wrong with an event of `size` bytes, without its values; None when all holds."""
    if size > MAX_RAW_BYTES and data.origin is not None and _size_of(data.origin.raw) > MAX_RAW_BYTES:
        return f"origin.raw is over {MAX_RAW_BYTES} bytes"
    rule = _RULES.get(type(data))
    return None if rule is None else rule(attributes, data)


def _end_names_its_conversation(attributes: Attributes, data: ConversationEnded) -> str | None:
    if data.reason in ("operator", "timeout") and data.conversation_id is None:
        return "an end by operator or timeout must name its conversation_id"
    if data.reason == "timeout" and attributes.causationid is None:
        return "a timeout must name in causationid the last message event it saw"
    return None


def _erasure_time(_: Attributes, data: ContactErased) -> str | None:
    return None if in_utc(data.requested_at) else "requested_at is outside 1970 to 2199"


def _file_times(_: Attributes, data: MessageReceived | MessageSent | MessageEdited) -> str | None:
    parts = data.parts if isinstance(data, MessageEdited) else data.message.parts
    for part in parts:
        if type(part) is MediaPart and (source := part.file.source) is not None:
            expires = source.url_expires_at
            if expires is not None and in_utc(expires) is None:
                return "url_expires_at is outside 1970 to 2199"
    return None


_RULES: dict[type[EventData], Callable[[Attributes, Any], str | None]] = {
    ConversationEnded: _end_names_its_conversation,
    ContactErased: _erasure_time,
    MessageReceived: _file_times,
    MessageSent: _file_times,
    MessageEdited: _file_times,
}


def _size_of(raw: object) -> int:
    return 0 if raw is None else len(msgspec.json.encode(raw))
