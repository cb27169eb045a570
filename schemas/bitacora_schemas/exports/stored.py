"""Specifications as rows hold them: the format in a column of its own, the rest as JSON without it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bitacora_schemas.exports.formats import FORMATS, FormatName, ListSpec, Spec, TranscriptSpec, format_of


def spec_to_row(spec: ListSpec | TranscriptSpec) -> tuple[FormatName, dict[str, Any]]:
    """Format and specification, for the columns of a job."""
    stored: dict[str, Any] = msgspec.to_builtins(spec)
    del stored["format"]
    return format_of(spec).name, stored


def spec_from_row(format_: str, stored: object) -> Spec:
    """The reverse; what older rows lack has the defaults of its type. Raises msgspec.ValidationError."""
    if not isinstance(stored, Mapping):
        raise msgspec.ValidationError("the specification is no object")
    spec: Spec = msgspec.convert({**stored, "format": format_}, Spec)
    return spec


def shows_identifiers(format_: str, stored: Mapping[str, Any]) -> bool:
    """Whether the file of such a job shows what is hidden from a role that sees identifiers masked.

    A format that nobody knows is taken to show them.
    """
    row = FORMATS.get(format_)
    return row is None or (row.hides_identifiers and stored.get("masked") is not True)


def with_identifiers_hidden(spec: Spec) -> Spec:
    """What a role that sees identifiers masked may have of it."""
    if not format_of(spec).hides_identifiers:
        return spec
    hidden: Spec = msgspec.structs.replace(spec, masked=True)
    return hidden
