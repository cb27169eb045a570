"""Files made from the types: JSON Schemas, AsyncAPI, and the page about events."""

from pathlib import Path

from bitacora_schemas.generate import asyncapi, events_page, json_schemas

SCHEMAS = Path(__file__).parents[2]
"""The `schemas` folder of a checkout; generating makes sense only there."""


def files() -> dict[str, str]:
    """Return every generated file: path below the repository's root to whole text."""
    made = {f"schemas/json/{name}": text for name, text in json_schemas.files().items()}
    made["schemas/asyncapi.yaml"] = asyncapi.render()
    made["docs/events.md"] = events_page.render(SCHEMAS / "examples")
    return made
