"""`schemas/json`, `schemas/asyncapi.yaml` and `docs/events.md`: the wire contract, from its types."""

from pathlib import Path

from cli.generate import asyncapi, events_page, json_schemas

FOLDER = "schemas/json"
RELEASED = "schemas/released"
"""The JSON Schemas of the last release, which later versions must stay compatible with."""

_EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"


def files() -> dict[str, str]:
    """The files of this generator."""
    made = {f"{FOLDER}/{name}": text for name, text in json_schemas.files().items()}
    made["schemas/asyncapi.yaml"] = asyncapi.render()
    made["docs/events.md"] = events_page.render(_EXAMPLES)
    return made


def released() -> dict[str, str]:
    """The files that a release keeps."""
    return {f"{RELEASED}/{name}": text for name, text in json_schemas.files().items()}
