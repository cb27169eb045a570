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
_STRING = re.compile(rb'[ \t\n\r]*"(?:[^"\\]|\\.)*"', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f]")
_IDENTIFIER_TYPES = (Id, Word)


def may_hold_control(value: bytes) -> bool:
    """Say whether an identifier in this JSON may hold a control character; False is certain, True is not.

    Most escapes stand in texts. Each string with one is judged by its key; what cannot be told counts as True.
    """
    if b"\\" not in value:
        return False
    at = 0
    while escape := _ESCAPED_CONTROL.search(value, at):
        colon = value.rfind(b'":', 0, escape.start())
        string = _STRING.match(value, colon + 2)
        if string is None or string.end() < escape.start():
            return True
        if value[value.rfind(b'"', 0, colon) + 1 : colon] in _identifier_names():
            return True
        at = string.end()
    return False


@lru_cache(maxsize=1)
def _identifier_names() -> frozenset[bytes]:
    """Return the keys under which any identifier of any type stands."""
    from bitacora_schemas.events.catalog import WIRE_TYPES  # noqa: PLC0415 - it imports what uses this
    from bitacora_schemas.events.envelope import Attributes  # noqa: PLC0415

    found: set[bytes] = set()
    waiting: list[type[msgspec.Struct]] = [Attributes, *WIRE_TYPES]
    seen: set[type[msgspec.Struct]] = set()
    while waiting:
        struct = waiting.pop()
        if struct in seen:
            continue
        seen.add(struct)
        identifiers, nested = _plan(struct)
        found.update(name.encode() for name in identifiers)
        hints = get_type_hints(struct, include_extras=True)
        for name in nested:
            waiting.extend(_structs_in(hints[name]))
    return frozenset(found)


def has_control(text: str) -> bool:
    """Say whether a text holds a control character."""
    return _CONTROL.search(text) is not None


def field_with_control(struct: msgspec.Struct) -> str | None:
    """Return the path of the first identifier with a control character, else None."""
    identifiers, nested = _plan(type(struct))
    for name in identifiers:
        value = getattr(struct, name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and has_control(text):
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


def _structs_in(hint: Any) -> list[type[msgspec.Struct]]:
    if _is_struct(hint):
        return [hint]
    return [struct for inner in get_args(hint) for struct in _structs_in(inner)]
