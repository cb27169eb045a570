"""Whether the identifiers of an event are free of control characters.

Identifiers enter logs, pages, and recipes joined by line ends. JSON must escape control characters, so the
decoder asks here only when it saw such an escape; texts may hold them.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from bitacora_schemas.events.scalars import Id, Word

_ESCAPED_CONTROL = re.compile(rb"\\(?:[bfnrt]|u00[01])")
_CONTROL = re.compile(r"[\x00-\x1f]")
_IDENTIFIER_TYPES = (Id, Word)


def may_hold_control(value: bytes) -> bool:
    """Say whether any text of this JSON escapes a control character."""
    return b"\\" in value and _ESCAPED_CONTROL.search(value) is not None


def field_with_control(struct: msgspec.Struct) -> str | None:
    """Return the path of the first identifier with a control character, else None."""
    identifiers, nested = _plan(type(struct))
    for name in identifiers:
        value = getattr(struct, name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and _CONTROL.search(text):
                return name
    for name in nested:
        value = getattr(struct, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, msgspec.Struct) and (path := field_with_control(inner)):
                return f"{name}.{path}"
    return None


@lru_cache(maxsize=256)
def _plan(struct: type[msgspec.Struct]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    hints = get_type_hints(struct, include_extras=True)
    names = struct.__struct_fields__
    return (
        tuple(name for name in names if _mentions(hints[name], lambda hint: hint in _IDENTIFIER_TYPES)),
        tuple(name for name in names if _mentions(hints[name], _is_struct)),
    )


def _mentions(hint: Any, wanted: Callable[[Any], bool]) -> bool:
    if wanted(hint):
        return True
    if get_origin(hint) is Annotated:
        return _mentions(get_args(hint)[0], wanted)
    if get_origin(hint) is tuple or get_origin(hint) is Union or hasattr(hint, "__args__"):
        return any(_mentions(inner, wanted) for inner in get_args(hint))
    return False


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)
