"""From an HTTP request to typed values, once, at the edge."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from services.query.problems import ApiProblem
from services.readmodel.filters import BadFilter, ConversationFilter, Problem, parameters_of, parse_filter
from services.readmodel.parameters import zone_of

T = TypeVar("T")


class Parameters:
    """The query parameters of a request: what one resource takes for itself, the rest is the filter's."""

    def __init__(self, request: web.Request) -> None:
        self.values = parameters_of(request.query.items())
        self.problems: list[Problem] = []

    def text(self, name: str) -> str | None:
        """Takes a parameter out, None when absent or empty."""
        values = [value for value in self.values.pop(name, []) if value]
        if len(values) > 1:
            self.problems.append(Problem(name, "repeated", "may be given once only"))
        return values[0] if values else None

    def number(self, name: str, *, default: int, most: int) -> int:
        """Takes a whole number of 1 to `most` out."""
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= most):
            self.problems.append(Problem(name, "not_a_number", f"must be a whole number from 1 to {most}"))
            return default
        return int(text)

    def word(self, name: str, allowed: Sequence[str], *, default: str) -> str:
        """Takes one of some words out."""
        text = self.text(name)
        if text is None or text in allowed:
            return text or default
        self.problems.append(Problem(name, "not_allowed", f"must be one of {', '.join(allowed)}"))
        return default

    def zone(self, *, default: str) -> str:
        """The parameter `timezone`, which the filter reads as well and so stays."""
        name = next((value for value in self.values.get("timezone", []) if value), default)
        return name if zone_of(name) is not None else default

    def filter(self, *, timezone: str) -> ConversationFilter:
        """What is left as a filter. Raises BadFilter with every problem of the request."""
        try:
            wanted = parse_filter(self.values, timezone=timezone)
        except BadFilter as error:
            raise BadFilter(*self.problems, *error.problems) from None
        if self.problems:
            raise BadFilter(*self.problems)
        return wanted

    def nothing_else(self) -> None:
        """Refuses what nobody took. Raises BadFilter with every problem of the request."""
        unknown = [Problem(name[:60], "unknown_parameter", "is not a parameter here") for name in self.values]
        if unknown or self.problems:
            raise BadFilter(*self.problems, *unknown)


async def body_of(request: web.Request, kind: type[T]) -> T:
    """The JSON body as a value. Raises ApiProblem(unsupported_media_type, bad_body)."""
    if request.content_type != "application/json":
        raise ApiProblem("unsupported_media_type")
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiProblem("bad_body", str(error)) from None


def filter_of_body(values: dict[str, Any], *, timezone: str) -> ConversationFilter:
    """A filter given as JSON, by the names of the query parameters; lists for several values. Raises BadFilter."""
    return parse_filter({name: list(_texts(value)) for name, value in values.items()}, timezone=timezone)


def answer(value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer; times in UTC are written with Z."""
    return web.Response(
        body=msgspec.json.encode(value),
        status=status,
        headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
    )


def _texts(value: Any) -> Iterable[str]:
    if value is None:
        return
    for each in value if isinstance(value, list) else [value]:
        yield each if isinstance(each, str) else msgspec.json.encode(each).decode()
