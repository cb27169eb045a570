"""Reading a message that has parts of a type newer than this library: the list of types is open."""

from typing import Any

import msgspec

from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.parts import KNOWN_PART_TYPES, UnknownPart


def rename_unknown_parts(data: dict[str, Any]) -> bool:
    """Turn each part of an unknown type into an UnknownPart, in place; say whether there was one."""
    message = data.get("message")
    holder = message if isinstance(message, dict) else data
    parts = holder.get("parts")
    if not isinstance(parts, list):
        return False
    renamed = [_renamed(part) for part in parts]
    holder["parts"] = renamed
    return any(new is not old for new, old in zip(renamed, parts, strict=True))


def convert_data(data: dict[str, Any], struct: type[EventData]) -> EventData:
    """Return typed data from builtins; msgspec.ValidationError when it does not fit."""
    rename_unknown_parts(data)
    return msgspec.convert(data, struct)


def _renamed(part: Any) -> Any:
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(kind, str) or not kind or kind in KNOWN_PART_TYPES:
        return part
    kept = {name: part[name] for name in ("index", "plain_text") if name in part}
    return {**kept, "type": UnknownPart.type, "part_type": kind}
