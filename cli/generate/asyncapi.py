"""The AsyncAPI 3.0 document: topics, who sends to them, and which messages they carry."""

from typing import Any

from bitacora_schemas import topics
from bitacora_schemas.descriptions import summary_of
from bitacora_schemas.events.catalog import CATALOG, LIFECYCLE_CATALOG, wire_type
from bitacora_schemas.exports.events import EXPORT_CHANGED, ExportChanged

VERSION = "1.0.0"

# From Bitácora's side: it receives what runtimes send.
_DIRECTIONS = {
    topics.EVENTS: "receive",
    topics.LIFECYCLE: "send",
    topics.EXPORT_EVENTS: "send",
}
_HEADER = "Generated from the types by `make generate`."


def render() -> str:
    """Return the document as YAML. Needs PyYAML, which only generating does."""
    import yaml

    text: str = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110)
    return f"# {_HEADER}\n{text}"


def document() -> dict[str, Any]:
    """Return the document as plain values."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Bitácora events",
            "version": VERSION,
            "description": "What chatbot runtimes publish to Bitácora and what they hear from it, over Kafka. "
            "CloudEvents 1.0 JSON in structured mode; binary mode is accepted.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {_identifier(topic.name): _channel(topic) for topic in topics.TOPICS},
        "operations": {
            f"{_DIRECTIONS[topic.name]}{_title(topic.name)}": {
                "action": _DIRECTIONS[topic.name],
                "channel": {"$ref": f"#/channels/{_identifier(topic.name)}"},
                "summary": topic.description,
            }
            for topic in topics.TOPICS
        },
        "components": {
            "messages": {_identifier(type_): _message(type_, about) for type_, about in _all().items()},
            "schemas": {"headers": _HEADERS},
        },
    }


_HEADERS = {
    "type": "object",
    "description": "Copies of attributes, so that a consumer can skip a record without parsing it.",
    "properties": {
        "content-type": {"type": "string"},
        "ce_type": {"type": "string"},
        "ce_id": {"type": "string"},
        "ce_accountid": {"type": "string"},
    },
}


def _carried() -> dict[str, dict[str, str]]:
    """Return topic to its wire types, each with a sentence about it."""
    return {
        topics.EVENTS: {wire_type(*key): summary_of(struct) for key, struct in CATALOG.items()},
        topics.LIFECYCLE: {wire_type(*key): summary_of(struct) for key, struct in LIFECYCLE_CATALOG.items()},
        topics.EXPORT_EVENTS: {EXPORT_CHANGED: summary_of(ExportChanged)},
    }


def _all() -> dict[str, str]:
    return {type_: about for types in _carried().values() for type_, about in types.items()}


def _channel(topic: topics.Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"{topic.description}. Key: {topic.key}.",
        "messages": {
            _identifier(type_): {"$ref": f"#/components/messages/{_identifier(type_)}"}
            for type_ in _carried()[topic.name]
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": int(topic.config["retention.ms"]),
                    "max.message.bytes": int(topic.config["max.message.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message(type_: str, about: str) -> dict[str, Any]:
    is_export = type_ == EXPORT_CHANGED
    payload: dict[str, Any] = {"$ref": f"./json/{type_}.schema.json"}
    if is_export:
        payload = {"type": "object", "required": ["data"], "properties": {"data": payload}}
    return {
        "name": type_,
        "title": type_.removeprefix("bitacora."),
        "summary": about,
        "contentType": "application/cloudevents+json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": payload},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "account id" if is_export else "thread key"},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _identifier(name: str) -> str:
    head, *rest = name.removeprefix("bitacora.").replace("_", ".").split(".")
    return head + "".join(word.capitalize() for word in rest)


def _title(name: str) -> str:
    identifier = _identifier(name)
    return identifier[0].upper() + identifier[1:]
