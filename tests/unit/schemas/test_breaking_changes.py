"""The detector of breaking changes finds each kind of them, and nothing else."""

import copy
from typing import Any

import pytest

from cli.generate.compatibility import breaking_changes

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "part"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 512},
        "count": {"type": "integer", "minimum": 0},
        "scope": {"enum": ["everyone", "self"]},
        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "at": {"type": "string", "format": "date-time"},
        "words": {"type": "array", "items": {"type": "string"}},
        "bag": {"type": "object", "additionalProperties": {"type": "string"}},
        "part": {"anyOf": [{"$ref": "#/$defs/Text"}, {"$ref": "#/$defs/Media"}]},
    },
    "$defs": {
        "Text": {
            "title": "Text",
            "type": "object",
            "properties": {"type": {"enum": ["text"]}, "text": {"type": "string"}},
            "required": ["type", "text"],
        },
        "Media": {
            "title": "Media",
            "type": "object",
            "properties": {"type": {"enum": ["media"]}, "of": {"$ref": "#/$defs/Media"}},
            "required": ["type"],
        },
    },
}


def changed(*path: str, to: Any) -> dict[str, Any]:
    """A copy of the schema with one place changed; None removes it."""
    schema = copy.deepcopy(SCHEMA)
    place = schema
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return schema


def compared(new: dict[str, Any], old: dict[str, Any] = SCHEMA) -> list[str]:
    return breaking_changes({"t": old}, {"t": new})


def test_the_same_schema_breaks_nothing() -> None:
    assert compared(SCHEMA) == []


def test_a_removed_type_is_found() -> None:
    assert breaking_changes({"t": SCHEMA}, {}) == ["t: the type was removed"]


def test_a_new_type_breaks_nothing() -> None:
    assert breaking_changes({}, {"t": SCHEMA}) == []


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (changed("properties", "count", to=None), "t.count: the field was removed"),
        (changed("$defs", "Text", "properties", "text", to=None), "t.part<text>.text: the field was removed"),
        (changed("required", to=["id", "part", "count"]), "t.count: the field became required"),
        (changed("required", to=["part"]), "t.id: the field is no longer required"),
        (
            changed("properties", "count", "type", to="string"),
            "t.count: the type changed from integer to string",
        ),
        (
            changed("properties", "words", "items", "type", to="integer"),
            "t.words[]: the type changed from string to integer",
        ),
        (
            changed("properties", "bag", "additionalProperties", "type", to="number"),
            "t.bag{}: the type changed from string to number",
        ),
        (changed("properties", "scope", "enum", to=["everyone"]), "t.scope: the word 'self' was removed"),
        (changed("properties", "name", to={"type": "string"}), "t.name: null is no longer allowed"),
        (changed("properties", "id", "maxLength", to=64), "t.id: maxLength went down from 512 to 64"),
        (changed("properties", "id", "minLength", to=2), "t.id: minLength went up from 1 to 2"),
        (changed("properties", "count", "maximum", to=9), "t.count: maximum went down from none to 9"),
        (changed("properties", "id", "pattern", to="^a"), "t.id: the pattern changed"),
        (changed("properties", "id", "enum", to=["a"]), "t.id: the list of words was closed"),
        (
            changed("properties", "id", "format", to="uuid"),
            "t.id: the format changed from any to uuid",
        ),
        (
            changed("properties", "part", "anyOf", to=[{"$ref": "#/$defs/Text"}]),
            "t.part: media is no longer allowed",
        ),
        (changed("additionalProperties", to=False), "t: unknown fields are no longer allowed"),
    ],
)
def test_a_breaking_change_is_found(new: dict[str, Any], found: str) -> None:
    assert compared(new) == [found]


@pytest.mark.parametrize(
    "new",
    [
        changed("properties", "later", to={"type": "string"}),
        changed("properties", "scope", "enum", to=["everyone", "self", "team"]),
        changed("properties", "scope", to={"type": "string"}),
        changed("properties", "id", "maxLength", to=1024),
        changed("properties", "id", "minLength", to=None),
        changed("properties", "count", "type", to="number"),
        changed("properties", "count", to={"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}),
        changed("properties", "at", "format", to=None),
        changed("$defs", "Text", "description", to="Words."),
    ],
)
def test_a_change_that_breaks_nobody_is_let_through(new: dict[str, Any]) -> None:
    assert compared(new) == []
