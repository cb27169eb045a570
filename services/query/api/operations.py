"""What an operation of the API is, as the routes and the OpenAPI document both need it."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from aiohttp import web
from msgspec import Struct

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Parameter(Struct, frozen=True):
    """One parameter: `schema` is JSON Schema; an array is given by repeating the name."""

    name: str
    description: str
    schema: dict[str, Any]
    where: Literal["query", "path", "header"] = "query"


class Operation(Struct, frozen=True, kw_only=True):
    """One method on one path. `answers` is the type of its success, None for bytes; `codes` its refusals."""

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    summary: str
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    status: int = 200
    answers: Any = None
    codes: tuple[str, ...] = ()
    public: bool = False
