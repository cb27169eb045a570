"""Refusals of the API as problem+json (RFC 9457), each with a stable code and the id of its request."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from services.readmodel.filters import BadFilter

CONTENT_TYPE = "application/problem+json"

TITLES: dict[str, tuple[int, str]] = {
    "bad_parameter": (400, "A parameter cannot be used"),
    "bad_body": (400, "The body cannot be used"),
    "query_too_long": (400, "The query string is too long"),
    "not_authenticated": (401, "A valid token is needed"),
    "not_allowed": (403, "Your role does not allow this"),
    "not_found": (404, "There is no such thing here"),
    "not_stored": (404, "We do not hold this file's content"),
    "method_not_allowed": (405, "This address does not take that method"),
    "already_ended": (409, "The conversation has ended already"),
    "not_ready": (409, "The file is not ready"),
    "not_cancellable": (409, "The export is finished already"),
    "gone": (410, "The file has expired"),
    "body_too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "The body must be JSON"),
    "idempotency_key_reused": (422, "This Idempotency-Key belongs to another request"),
    "too_many_searches": (429, "Too many searches at once"),
    "internal": (500, "Something went wrong on our side"),
    "unavailable": (503, "A part we depend on does not answer; try again"),
    "search_timeout": (503, "The search took too long; narrow it down"),
}
"""Every code an answer can carry, with its status and title."""


class ApiProblem(Exception):  # noqa: N818 - a refusal, named as one
    """An answer other than success; `code` is one of TITLES."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        problems: list[dict[str, str]] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.title = TITLES[code]
        self.detail = detail
        self.headers = dict(headers or {})
        self.problems = problems

    def body(self, request_id: str) -> dict[str, Any]:
        """The problem document."""
        document: dict[str, Any] = {
            "type": f"urn:bitacora:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "request_id": request_id,
        }
        if self.detail is not None:
            document["detail"] = self.detail
        if self.problems is not None:
            document["problems"] = self.problems
        return document

    def response(self, request_id: str) -> web.Response:
        """The answer of the API."""
        return web.Response(
            body=msgspec.json.encode(self.body(request_id)),
            status=self.status,
            headers={"Content-Type": CONTENT_TYPE, **self.headers},
        )


def of_bad_filter(error: BadFilter) -> ApiProblem:
    """A refused filter: 400 that names every parameter."""
    return ApiProblem(
        "bad_parameter",
        str(error),
        problems=[
            {"parameter": each.parameter, "code": each.code, "message": each.message}
            for each in error.problems
        ],
    )
