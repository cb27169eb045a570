"""Export jobs and their files."""

import msgspec
from aiohttp import web
from bitacora_schemas.exports.formats import FORMATS, ExportRequest, Spec, TranscriptRequest
from msgspec import Struct

from services.query.api.requests import Parameters, answer, body_of, filter_of_body
from services.query.auth.principal import REQUEST_ID, Principal, principal_of
from services.query.dependencies import dependencies_of
from services.query.downloads import send_blob
from services.query.exports import (
    MOST_LISTED,
    ExportJob,
    cancel_export,
    find_export,
    list_exports,
    open_export,
    request_export,
)
from services.query.idempotency import HEADER as IDEMPOTENCY_KEY
from services.query.ids import id_of
from services.query.problems import ApiProblem
from services.readmodel.filters import BadFilter, Problem
from services.readmodel.parameters import zone_of
from services.readmodel.stored_filter import filter_to_json


class ExportList(Struct, frozen=True):
    """Jobs, newest first."""

    items: tuple[ExportJob, ...]


async def post_export(request: web.Request) -> web.Response:
    """POST /exports."""
    Parameters(request).nothing_else()
    principal = principal_of(request)
    asked: ExportRequest = await body_of(request, ExportRequest)  # type: ignore[arg-type]  # a union is no class to mypy
    job = await request_export(
        dependencies_of(request),
        principal,
        spec_of(asked, principal),
        request_id=request[REQUEST_ID],
        idempotency_key=_idempotency_key(request),
    )
    return answer(job, status=202, headers={"Location": f"/api/v1/exports/{job.id}"})


async def get_exports(request: web.Request) -> web.Response:
    """GET /exports."""
    parameters = Parameters(request)
    limit = parameters.number("limit", default=50, most=MOST_LISTED)
    parameters.nothing_else()
    jobs = await list_exports(dependencies_of(request), principal_of(request), limit=limit)
    return answer(ExportList(tuple(jobs)))


async def get_export(request: web.Request) -> web.Response:
    """GET /exports/{export_id}."""
    Parameters(request).nothing_else()
    job = await find_export(dependencies_of(request), principal_of(request), id_of(request, "export_id"))
    if job is None:
        raise ApiProblem("not_found")
    return answer(job)


async def post_cancel(request: web.Request) -> web.Response:
    """POST /exports/{export_id}/cancel."""
    Parameters(request).nothing_else()
    job = await cancel_export(
        dependencies_of(request),
        principal_of(request),
        id_of(request, "export_id"),
        request_id=request[REQUEST_ID],
    )
    return answer(job, status=202)


async def get_file(request: web.Request) -> web.StreamResponse:
    """GET /exports/{export_id}/file."""
    Parameters(request).nothing_else()
    return await send_export(request)


async def send_export(request: web.Request) -> web.StreamResponse:
    """Streams the file that the path names; for pages too."""
    dependencies = dependencies_of(request)
    ready = await open_export(
        dependencies, principal_of(request), id_of(request, "export_id"), request_id=request[REQUEST_ID]
    )
    return await send_blob(
        request,
        dependencies.exports,
        ready.object_key,
        name=ready.name,
        media_type=ready.media_type,
        sha256=ready.sha256,
    )


def spec_of(asked: ExportRequest, principal: Principal) -> Spec:
    """What a job holds of a request: the filter in its canonical form, and what was left to us decided.

    Raises BadFilter naming every field that cannot be had.
    """
    timezone = asked.timezone or principal.timezone
    if zone_of(timezone) is None:
        raise BadFilter(Problem("timezone", "unknown_timezone", "is not an IANA time zone"))
    given = msgspec.to_builtins(asked)
    given["timezone"] = timezone
    languages = FORMATS[given["format"]].languages
    if languages and given["locale"] not in languages:
        raise BadFilter(Problem("locale", "not_allowed", f"must be one of {', '.join(languages)}"))
    if not isinstance(asked, TranscriptRequest):
        given["filter"] = filter_to_json(filter_of_body(asked.filter, timezone=timezone))
        given["masked"] = not principal.is_admin if asked.masked is None else asked.masked
    spec: Spec = msgspec.convert(given, Spec)
    return spec


def _idempotency_key(request: web.Request) -> str | None:
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not (0 < len(key) <= 200 and key.isascii() and key.isprintable()):
        raise ApiProblem("bad_parameter", f"{IDEMPOTENCY_KEY} must be 1 to 200 visible ASCII characters")
    return key
