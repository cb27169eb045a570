"""`docs/events.md`: the contract as a page for people, from the same schemas."""

import re
from pathlib import Path
from typing import Any

from bitacora_schemas import topics
from bitacora_schemas.events.catalog import CATALOG, LIFECYCLE_CATALOG, wire_type
from bitacora_schemas.events.refusal import REASON_MEANINGS

from cli.generate.json_schemas import schemas

Schema = dict[str, Any]

_INTRODUCTION = """\
# Events

Generated from the types by `make generate`; a test fails when this page is stale.

What a chatbot runtime publishes, on Kafka, as CloudEvents 1.0 in JSON. Use the [producer library](../producer/README.md),
or any Kafka client with `acks=all`, idempotence and the murmur2 partitioner. Unknown fields are kept and never an
error; a list of words that is not called closed may grow, and an unknown word is kept and shown as such.
"""

_IDENTITY = """\
## Identity

- **Thread key**: base64url without padding of the first 24 bytes of SHA-256 over the lines `bitacora:thread:v1`, account,
  environment, channel, channel address, `kind:value` of the contact. It is the record key, `subject` and
  `partitionkey`; a mismatch is refused.
- **Event id**: any UUID, as long as the same fact always has the same. Ours is a UUIDv8: 48 bits of `time` in ms (0
  when the source gave none), then SHA-256 over the recipe's lines. With a source's message id: thread key, connection, type,
  message id, part, status, status time, and for edits, deletions and reactions their own time. Without: thread key,
  connection, type, sender, time, SHA-256 of the payload's canonical JSON.
- Values to test an implementation against: [identity_vectors.json](../schemas/examples/identity_vectors.json).
"""


_TYPES = """\
## Types

Every type also has the common fields of `data`: `thread` (required), `chatbot`, `contact`, `conversation`, `origin`,
`time_quality`, `skew_ms`.
"""


def render(examples: Path) -> str:
    """Return the page; `examples` is the folder whose files it links."""
    found = schemas()
    events = [wire_type(*key) for key in CATALOG]
    lifecycle = [wire_type(*key) for key in LIFECYCLE_CATALOG]
    blocks = _blocks(found)
    sections = [
        _INTRODUCTION,
        _topics(),
        _envelope(found[events[0]]),
        _IDENTITY,
        _TYPES,
        *(_type(type_, found[type_], examples) for type_ in events),
        "## Types that Bitácora publishes\n\nOn the lifecycle topic.\n",
        *(_type(type_, found[type_], examples) for type_ in lifecycle),
        "## Blocks\n",
        *(_block(name, blocks[name]) for name in sorted(blocks)),
        _refusals(),
    ]
    return "\n".join(sections)


_COMMON = ("thread", "chatbot", "contact", "conversation", "origin", "time_quality", "skew_ms")


def _topics() -> str:
    rows = "\n".join(
        f"| `{topic.name}` | {topic.key} | {topic.description} | {topic.partitions} | {topic.retention_days} days |"
        for topic in topics.TOPICS
    )
    limit = topics.MAX_RECORD_BYTES // 1024
    return (
        "## Topics\n\n| topic | key | content | partitions | retention |\n|---|---|---|---|---|\n"
        f"{rows}\n\nMade by `bitacora topics create`; a record is at most {limit} KiB. "
        "Partitions never change: growing them moves threads.\n"
    )


def _envelope(schema: Schema) -> str:
    properties = {name: value for name, value in schema["properties"].items() if name != "data"}
    properties["type"] = {"type": "string", "description": "`bitacora.<noun>.<verb>.v<major>`"}
    return "## Envelope\n\n" + _fields(properties, schema["required"])


def _type(type_: str, schema: Schema, examples: Path) -> str:
    data = schema["$defs"][schema["properties"]["data"]["$ref"].rpartition("/")[2]]
    required = data["required"]
    shown = {
        name: value
        for name, value in data["properties"].items()
        if name not in _COMMON or (name in required and name != "thread")
    }
    links = ", ".join(
        f"[{path.stem}](../schemas/examples/{type_}/{path.name})"
        for path in sorted(examples.glob(f"{type_}/*.json"))
    )
    return (
        f"### {type_}\n\n{_text(schema)}\n\n{_fields(shown, required)}\n"
        f"[Schema](../schemas/json/{type_}.schema.json). Examples: {links}.\n"
    )


def _block(name: str, schema: Schema) -> str:
    return f"### {name}\n\n{_text(schema)}\n\n{_fields(schema['properties'], schema.get('required', []))}"


def _blocks(found: dict[str, Schema]) -> dict[str, Schema]:
    """Return every block that is used anywhere, by name; the data of the types themselves are none."""
    data = {
        schema["properties"]["data"]["$ref"] for schema in found.values() if "data" in schema["properties"]
    }
    return {
        name: block
        for schema in found.values()
        for name, block in schema.get("$defs", {}).items()
        if f"#/$defs/{name}" not in data
    }


def _fields(properties: dict[str, Schema], required: list[str]) -> str:
    rows = "\n".join(
        f"| `{name}` | {_kind(value)} | {'yes' if name in required else ''} |"
        for name, value in properties.items()
    )
    return f"| field | type | required |\n|---|---|---|\n{rows}\n"


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        kinds = [_kind(option) for option in schema["anyOf"] if option.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"]) + " (closed)"
    if schema.get("type") == "array":
        items = (
            _kind(schema["items"])
            if isinstance(schema.get("items"), dict) and schema["items"]
            else "anything"
        )
        return f"list of {items}"
    if schema.get("type") == "object":
        return "object"
    return _scalar(schema)


def _scalar(schema: Schema) -> str:
    kind = schema.get("format") or schema.get("type") or "anything"
    if (limit := schema.get("maxLength")) is not None:
        return f"{kind} up to {limit}"
    return str(kind)


def _text(schema: Schema) -> str:
    return re.sub(r"\s+", " ", schema.get("description", ""))


def _refusals() -> str:
    rows = "\n".join(f"| `{reason}` | {meaning} |" for reason, meaning in REASON_MEANINGS.items())
    return (
        "## Refusals\n\nA record that is refused goes to the dead letters with one of these reasons. An unknown type or a "
        f"newer major version is not refused.\n\n| reason | meaning |\n|---|---|\n{rows}\n"
    )
