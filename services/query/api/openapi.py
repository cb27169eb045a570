"""The OpenAPI 3.1 document, made from the table of routes and the types that handlers answer with."""

from typing import Any

from bitacora_schemas.descriptions import schema_components

from services.query.api.operations import Operation, Parameter
from services.query.api.routes import OPENAPI_PATH, OPERATIONS
from services.query.problems import CONTENT_TYPE, TITLES

VERSION = "1.0.0"
_REF = "#/components/schemas/{name}"

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457); `code` is stable.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(TITLES)},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "code", "message"],
                "properties": {
                    "parameter": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_EVERYWHERE = ("not_authenticated", "not_allowed", "internal", "unavailable")


def build_document() -> dict[str, Any]:
    """The whole document; the same code gives the same document."""
    types = [kind for each in OPERATIONS for kind in (each.answers, each.body) if kind is not None]
    schemas, components = schema_components(types, ref_template=_REF)
    schema_of = dict(zip(map(_key, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schema_of)
    paths[OPENAPI_PATH] = {
        "get": {
            "operationId": "get_openapi",
            "summary": "This document",
            "security": [],
            "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {}}}},
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bitácora",
            "version": VERSION,
            "description": "Find, read, export and end conversations. Times are RFC 3339 in UTC; absent values are null.",
        },
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**dict(sorted(components.items())), "Problem": PROBLEM_SCHEMA},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "From `bitacora token create`."}
            },
        },
    }


def _operation(operation: Operation, schema_of: dict[str, Any]) -> dict[str, Any]:
    if operation.answers is None:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": schema_of[_key(operation.answers)]}}
    described: dict[str, Any] = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": {
            str(operation.status): {"description": "Done", "content": content},
            **_refusals((*operation.codes, *_EVERYWHERE)),
        },
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[_key(operation.body)]}},
        }
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "required": parameter.where == "path",
        "schema": parameter.schema,
    }


def _refusals(codes: tuple[str, ...]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(str(TITLES[code][0]), []).append(code)
    return {
        status: {
            "description": "; ".join(f"`{code}`: {TITLES[code][1]}" for code in found),
            "content": {CONTENT_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
        }
        for status, found in sorted(by_status.items())
    }


def _key(kind: Any) -> str:
    return repr(kind)
