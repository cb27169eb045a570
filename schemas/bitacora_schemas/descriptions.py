"""Docstrings as descriptions of schemas and documents, the same whichever Python makes them.

Python 3.13 takes the indentation off a docstring when it compiles it, older ones keep it, and msgspec hands on
what it finds.
"""

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec


def docstring_of(thing: type) -> str:
    """The class's own docstring without indentation; empty when it has none."""
    return inspect.cleandoc(thing.__doc__ or "")


def summary_of(thing: type) -> str:
    """The first line of its docstring; empty when it has none."""
    return next(iter(docstring_of(thing).splitlines()), "")


def schema_components(
    types: Iterable[Any], *, ref_template: str
) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """As msgspec's function of that name: a schema for each of `types`, and those they refer to by name."""
    schemas, components = msgspec.json.schema_components(types, ref_template=ref_template)
    return tuple(map(_clean, schemas)), _clean(components)


def _clean(value: Any) -> Any:
    """The schema with its descriptions cleaned; a property that is called `description` is a dict, no text."""
    if isinstance(value, dict):
        return {
            name: inspect.cleandoc(inner)
            if name == "description" and isinstance(inner, str)
            else _clean(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value
