"""What an operation of the API is, as the routes and the OpenAPI document both need it."""

from typing import Any, Literal

from msgspec import Struct

from services.query.auth.policy import Permission
from services.query.routing import Handler


class Parameter(Struct, frozen=True):
    """One parameter: `schema` is JSON Schema; an array is given by repeating the name."""

    name: str
    description: str
    schema: dict[str, Any]
    where: Literal["query", "path", "header"] = "query"


class Operation(Struct, frozen=True, kw_only=True):
    """One method on one path, and who may use it. `answers` is the type of its success, None for bytes; `codes` its refusals."""

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    permission: Permission
    summary: str
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    status: int = 200
    answers: Any = None
    codes: tuple[str, ...] = ()
