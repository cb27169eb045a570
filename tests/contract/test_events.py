"""The wire contract: examples, generated files, the last release, and the values other languages compute."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from bitacora_schemas import topics
from bitacora_schemas.events import (
    CATALOG,
    LIFECYCLE_CATALOG,
    DecodedEvent,
    Envelope,
    check_thread_key,
    decode_event,
    wire_type,
)
from bitacora_schemas.events.catalog import WIRE_TYPES
from bitacora_schemas.events.envelope import Attributes
from bitacora_schemas.identity import event_id

from cli.generate.compatibility import breaking_changes
from cli.generate.json_schemas import schemas

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "schemas" / "examples").glob("*/*.json"))

SCHEMAS = schemas()

each_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def decoded(path: Path) -> DecodedEvent:
    event = decode_event(path.read_bytes())
    assert isinstance(event, DecodedEvent)
    return event


def test_every_type_has_an_example() -> None:
    types = {wire_type(name, major) for name, major in {**CATALOG, **LIFECYCLE_CATALOG}}
    assert {path.parent.name for path in EXAMPLES} == types


@each_example
def test_an_example_decodes_under_its_own_key(path: Path) -> None:
    event = decoded(path)
    assert event.attributes.type == path.parent.name
    check_thread_key(event, event.thread_key.encode())


@each_example
def test_an_example_fits_its_json_schema(path: Path) -> None:
    jsonschema.validate(
        json.loads(path.read_text("utf-8")),
        SCHEMAS[path.parent.name],
        cls=jsonschema.Draft202012Validator,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


@each_example
def test_an_example_has_the_id_that_its_recipe_gives(path: Path) -> None:
    value = json.loads(path.read_text("utf-8"))
    assert value["id"] == str(
        event_id(
            type=value["type"],
            thread_key=value["subject"],
            connectionid=value["connectionid"],
            data=value["data"],
            time=value["time"],
            recordedtime=value["recordedtime"],
        )
    )


@each_example
def test_encoding_a_decoded_example_loses_nothing(path: Path) -> None:
    event = decoded(path)
    names = [name for name in Attributes.__struct_fields__ if name != "data"]
    envelope = Envelope(**{name: getattr(event.attributes, name) for name in names}, data=event.data)
    again = decode_event(msgspec.json.encode(envelope))
    assert isinstance(again, DecodedEvent)
    assert again.data == event.data
    assert again.id == event.id


@each_example
def test_an_example_reads_the_same_in_binary_mode(path: Path) -> None:
    event = decoded(path)
    value = json.loads(path.read_text("utf-8"))
    headers = [(f"ce_{name}", str(text).encode()) for name, text in value.items() if name != "data"]
    headers.append(("content-type", b"application/json"))
    binary = decode_event(json.dumps(value["data"]).encode(), headers)
    assert isinstance(binary, DecodedEvent)
    assert binary.data == event.data
    assert binary.id == event.id
    kept = decode_event(binary.structured())
    assert isinstance(kept, DecodedEvent)
    assert kept.data == event.data


def test_no_example_holds_a_number_that_could_be_somebodys() -> None:
    for path in EXAMPLES:
        text = path.read_text("utf-8")
        assert "+55" not in text.replace("+5511900000", "")
        assert all(word.endswith(("example.com", "example.org")) for word in _addresses(text))


def _addresses(text: str) -> list[str]:
    return [word.strip('",<>:;/').partition("@")[2].rstrip('",>') for word in text.split() if "@" in word]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_generated_schema_is_a_valid_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


def test_a_part_of_a_type_of_tomorrow_fits_the_schema() -> None:
    value = json.loads(EXAMPLES[0].with_name("x").parent.parent.joinpath(
        "bitacora.message.received.v1", "text.json"
    ).read_text("utf-8"))  # fmt: skip
    value["data"]["message"]["parts"] = [{"type": "hologram", "index": 0, "plain_text": "Holograma"}]
    jsonschema.validate(value, SCHEMAS["bitacora.message.received.v1"], cls=jsonschema.Draft202012Validator)
    event = decode_event(json.dumps(value).encode())
    assert isinstance(event, DecodedEvent)


def test_nothing_breaks_what_was_released() -> None:
    released = {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text("utf-8"))
        for path in (ROOT / "schemas" / "released").glob("*.schema.json")
    }
    assert released
    assert breaking_changes(released, SCHEMAS) == []


def test_the_detector_sees_a_field_taken_from_a_real_schema() -> None:
    name = "bitacora.message.received.v1"
    broken: dict[str, Any] = json.loads(json.dumps(SCHEMAS))
    del broken[name]["$defs"]["Message"]["properties"]["reply_to"]
    assert breaking_changes(SCHEMAS, broken) == [f"{name}.data.message.reply_to: the field was removed"]


def test_asyncapi_names_every_topic_and_every_type() -> None:
    document = yaml.safe_load((ROOT / "schemas" / "asyncapi.yaml").read_text("utf-8"))
    assert document["asyncapi"] == "3.0.0"
    assert {channel["address"] for channel in document["channels"].values()} == {
        topic.name for topic in topics.TOPICS
    }
    messages = document["components"]["messages"]
    assert {message["name"] for message in messages.values()} == set(SCHEMAS)
    for channel in document["channels"].values():
        for reference in channel["messages"].values():
            assert reference["$ref"].rpartition("/")[2] in messages
    for operation in document["operations"].values():
        assert operation["channel"]["$ref"].rpartition("/")[2] in document["channels"]
    files = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas" / "json").iterdir()}
    assert files == set(SCHEMAS)


def test_every_struct_of_the_catalogue_has_one_wire_type() -> None:
    assert len(WIRE_TYPES) == len(CATALOG) + len(LIFECYCLE_CATALOG) == 21
