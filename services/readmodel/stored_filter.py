"""A filter as the JSON of an export job: what query writes, export reads."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.readmodel.conversation_filter import ConversationFilter

_KNOWN = frozenset(each.encode_name for each in msgspec.structs.fields(ConversationFilter))


def filter_to_json(wanted: ConversationFilter) -> dict[str, Any]:
    """The fields that are not free, by their names; times in UTC."""
    stored: dict[str, Any] = msgspec.to_builtins(wanted)
    return stored


def filter_from_json(stored: Mapping[str, Any]) -> ConversationFilter:
    """The reverse. Raises msgspec.ValidationError.

    An unknown condition is not passed over: the file would hold more than was asked for.
    """
    unknown = sorted(set(stored) - _KNOWN)
    if unknown:
        raise msgspec.ValidationError(f"unknown filter field {unknown[0]!r}")
    return msgspec.convert(stored, ConversationFilter)
