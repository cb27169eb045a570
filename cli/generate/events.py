"""`schemas/json`, `schemas/asyncapi.yaml` and `docs/events.md`: the wire contract, from its types."""

from bitacora_schemas import generate


def files() -> dict[str, str]:
    """The files of this generator."""
    return generate.files()
