"""Descriptions are the same whether Python kept the indentation of docstrings (up to 3.12) or not (from 3.13)."""

import msgspec
import pytest
from bitacora_schemas.descriptions import docstring_of, schema_components, summary_of

KEPT = "What it is.\n\n    Why it is.\n\n        {}\n    "
STRIPPED = "What it is.\n\nWhy it is.\n\n    {}\n"
CLEAN = "What it is.\n\nWhy it is.\n\n    {}"


def struct(docstring: str) -> type[msgspec.Struct]:
    inner = msgspec.defstruct("Inner", [("description", str)], namespace={"__doc__": docstring})
    return msgspec.defstruct("Outer", [("inner", list[inner])], namespace={"__doc__": docstring})  # type: ignore[valid-type]


@pytest.mark.parametrize("docstring", [KEPT, STRIPPED])
def test_a_docstring_reads_the_same_on_every_python(docstring: str) -> None:
    assert docstring_of(struct(docstring)) == CLEAN
    assert summary_of(struct(docstring)) == "What it is."


@pytest.mark.parametrize("docstring", [KEPT, STRIPPED])
def test_a_schema_reads_the_same_on_every_python(docstring: str) -> None:
    _, components = schema_components([struct(docstring)], ref_template="{name}")

    assert {name: schema["description"] for name, schema in components.items()} == {
        "Inner": CLEAN,
        "Outer": CLEAN,
    }


def test_a_property_called_description_stays() -> None:
    _, components = schema_components([struct(KEPT)], ref_template="{name}")

    assert components["Inner"]["properties"] == {"description": {"type": "string"}}


def test_a_class_without_a_docstring_has_no_summary() -> None:
    assert summary_of(type("Silent", (), {})) == ""
