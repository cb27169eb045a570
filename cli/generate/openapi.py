"""`schemas/openapi.yaml`: the HTTP API, from its routes and the types it answers with."""

import msgspec

from services.query.api.openapi import build_document


def files() -> dict[str, str]:
    """The document as YAML."""
    return {"schemas/openapi.yaml": msgspec.yaml.encode(msgspec.to_builtins(build_document())).decode()}
