"""Which id a fact gets: the recipe of an event, chosen by what its data can tell."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from bitacora_schemas.events.catalog import split_type
from bitacora_schemas.ids import event_id_v8, payload_recipe, source_recipe

_REPEATABLE = frozenset({"bitacora.message.edited", "bitacora.message.deleted", "bitacora.message.reacted"})
_BY_MESSAGE_ID = frozenset(
    {"bitacora.message.status_changed", "bitacora.file.stored", "bitacora.file.unavailable"} | _REPEATABLE
)
_MESSAGES = frozenset({"bitacora.message.received", "bitacora.message.sent"})
_GENERATED = "gen:"
_TIME = Annotated[datetime, msgspec.Meta(tz=True)]


def event_id(
    *,
    type: str,  # noqa: A002 - the envelope's own name
    thread_key: str,
    connectionid: str,
    data: Mapping[str, Any],
    time: str | None,
    recordedtime: str,
) -> UUID:
    """Return the id of this fact, the same for every copy of it.

    `data` is the event's data as plain JSON values; times are RFC 3339 as sent, `time` None when the source
    gave none. What may happen again and has no id of its source's is then told apart by `recordedtime`.
    ValueError for a time that is none.
    """
    name = split_type(type).name
    message_id = _source_message_id(name, data)
    if message_id is None:
        recipe = payload_recipe(
            thread_key=thread_key,
            connectionid=connectionid,
            type=type,
            sender=_sender(data),
            time=time or recordedtime,
            canonical_payload=canonical_json(data),
        )
        return event_id_v8(recipe, _parsed(time or recordedtime))
    is_status = name == "bitacora.message.status_changed"
    recipe = source_recipe(
        thread_key=thread_key,
        connectionid=connectionid,
        type=type,
        message_id=message_id,
        part=data.get("part_index"),
        status=data.get("status", "") if is_status else "",
        status_time=(time or "") if is_status else "",
        own_time=(time or recordedtime) if name in _REPEATABLE else "",
    )
    return event_id_v8(recipe, None if time is None else _parsed(time))


def canonical_json(value: object) -> bytes:
    """Return JSON with sorted keys, no blanks, and text unescaped, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _source_message_id(name: str, data: Mapping[str, Any]) -> str | None:
    if name in _MESSAGES:
        message = data.get("message")
        found = message.get("id") if isinstance(message, Mapping) else None
    elif name in _BY_MESSAGE_ID:
        found = data.get("message_id")
    else:
        return None
    return found if isinstance(found, str) and not found.startswith(_GENERATED) else None


def _sender(data: Mapping[str, Any]) -> str:
    message = data.get("message")
    actor = message.get("sender") if isinstance(message, Mapping) else data.get("by") or data.get("actor")
    if not isinstance(actor, Mapping):
        return ""
    return f"{actor.get('kind', '')}:{actor.get('id', '')}"


def _parsed(text: str) -> datetime:
    time: datetime = msgspec.convert(text, _TIME)
    return time
