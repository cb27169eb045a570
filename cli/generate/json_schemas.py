"""The JSON Schemas (2020-12) of whole records, one file a type, from the Structs."""

import json
from typing import Any, Literal

import msgspec
from bitacora_schemas.descriptions import docstring_of, schema_components
from bitacora_schemas.events.catalog import CATALOG, LIFECYCLE_CATALOG, wire_type
from bitacora_schemas.events.envelope import Attributes
from bitacora_schemas.events.parts import KNOWN_PART_TYPES, UnknownPart
from bitacora_schemas.exports.events import EXPORT_CHANGED, ExportChanged

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def files() -> dict[str, str]:
    """Return file name to text, for every type of every topic."""
    return {
        f"{name}.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas().items()
    }


def schemas() -> dict[str, Schema]:
    """Return wire type to schema. Export types describe the data alone, events the whole record."""
    found = {
        wire_type(name, major): event_schema(wire_type(name, major), struct)
        for (name, major), struct in {**CATALOG, **LIFECYCLE_CATALOG}.items()
    }
    found[EXPORT_CHANGED] = _schema_of(EXPORT_CHANGED, ExportChanged)
    return found


def event_schema(type_: str, data: type[msgspec.Struct]) -> Schema:
    """Return the schema of a record of this type."""
    envelope = msgspec.defstruct(
        "Event",
        [("type", Literal[type_]), ("data", data)],
        bases=(Attributes,),
        frozen=True,
        kw_only=True,
        namespace={"__doc__": docstring_of(data)},
    )
    return _schema_of(type_, envelope)


def _schema_of(type_: str, struct: type[msgspec.Struct]) -> Schema:
    (top,), definitions = schema_components([struct], ref_template="#/$defs/{name}")
    root = definitions.pop(top["$ref"].rpartition("/")[2])
    root["title"] = type_
    if UnknownPart.__name__ in definitions:
        definitions[UnknownPart.__name__] = _open_part()
    whole = {"$schema": DIALECT, "$id": f"urn:bitacora:schema:{type_}", **root}
    if definitions:
        whole["$defs"] = {name: definitions[name] for name in sorted(definitions)}
    return {name: _without_discriminators(value) for name, value in whole.items()}


def _open_part() -> Schema:
    """Return what a part of a type newer than this library must still have."""
    return {
        "title": UnknownPart.__name__,
        "description": "A part of a type newer than this schema; it is kept, and shown by its plain_text.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "minLength": 1, "not": {"enum": sorted(KNOWN_PART_TYPES)}},
            "index": {"type": "integer", "minimum": 0, "maximum": 32_767},
            "plain_text": {"type": "string", "default": ""},
        },
        "required": ["type", "index"],
    }


def _without_discriminators(value: Any) -> Any:
    """Return the schema without OpenAPI's discriminators, which would close the list of part types."""
    if isinstance(value, dict):
        return {
            name: _without_discriminators(inner) for name, inner in value.items() if name != "discriminator"
        }
    if isinstance(value, list):
        return [_without_discriminators(inner) for inner in value]
    return value
