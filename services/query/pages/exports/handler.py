"""The exports tray: asking for a file, watching it, fetching it, cancelling it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import parse_qsl

from aiohttp import web
from bitacora_schemas.exports.formats import CsvSpec, PdfSpec
from multidict import MultiDict

from services.query.auth.principal import REQUEST_ID, principal_of
from services.query.dependencies import dependencies_of
from services.query.downloads import send_blob
from services.query.exports import (
    ExportJob,
    cancel_export,
    find_export,
    list_exports,
    open_export,
    request_export,
)
from services.query.ids import id_of, read_id
from services.query.pages.exports import view as exports_view
from services.query.pages.exports.view import JobView
from services.query.pages.list.asked import filter_of, find_terms
from services.query.pages.list.page_query import PageQuery
from services.query.pages.page import frame_of, reader_of, render, today_of
from services.query.pages.posted import posted
from services.query.problems import ApiProblem
from services.readmodel.stored_filter import filter_to_json


@dataclass(frozen=True, slots=True)
class TrayView:
    """The person's files; `active`: something is still being prepared."""

    jobs: tuple[JobView, ...]
    active: bool


async def show_exports(request: web.Request) -> web.StreamResponse:
    """GET /exports"""
    reader = reader_of(request)
    jobs = await list_exports(dependencies_of(request), principal_of(request))
    today = today_of(request, reader)
    views = tuple(exports_view.job(reader, job, today) for job in jobs)
    view = TrayView(views, any(each.running for each in views))
    frame = await frame_of(request, reader, "exports")
    return render(request, "exports/exports.html", reader=reader, frame=frame, view=view)


async def do_export(request: web.Request) -> web.StreamResponse:
    """POST /exports: a CSV of the list as it is filtered, or the PDF of one conversation."""
    form = await posted(request)
    spec = (
        await _transcript_spec(request, form)
        if "conversation_id" in form
        else await _list_spec(request, form)
    )
    job = await request_export(
        dependencies_of(request),
        principal_of(request),
        spec,
        request_id=request[REQUEST_ID],
        idempotency_key=form.get("request_key") or None,
    )
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": f"/exports/{job.id}?fetch=1"})


async def show_export(request: web.Request) -> web.StreamResponse:
    """GET /exports/{export_id}: waits by reloading itself, then starts the download."""
    job = await _job_of(request)
    reader = reader_of(request)
    return render(
        request,
        "exports/export.html",
        reader=reader,
        frame=await frame_of(request, reader, "exports"),
        job=exports_view.job(reader, job, today_of(request, reader)),
        fetch_now="fetch" in request.query,
    )


async def do_cancel(request: web.Request) -> web.StreamResponse:
    """POST /exports/{export_id}/cancel"""
    await cancel_export(
        dependencies_of(request),
        principal_of(request),
        id_of(request, "export_id"),
        request_id=request[REQUEST_ID],
    )
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/exports"})


async def download(request: web.Request) -> web.StreamResponse:
    """GET /exports/{export_id}/file: every fetch is audited."""
    dependencies = dependencies_of(request)
    ready = await open_export(
        dependencies, principal_of(request), id_of(request, "export_id"), request_id=request[REQUEST_ID]
    )
    return await send_blob(
        request, dependencies.exports, ready.object_key,
        name=ready.name, media_type=ready.media_type, sha256=ready.sha256,
    )  # fmt: skip


async def _list_spec(request: web.Request, form: dict[str, str]) -> CsvSpec:
    """The filter of the list as instants, with the reader's zone for what the file shows. Raises BadFilter."""
    reader, principal = reader_of(request), principal_of(request)
    dependencies = dependencies_of(request)
    query = PageQuery.parse(MultiDict(parse_qsl(form.get("state", ""))))
    async with dependencies.pool.acquire() as conn:
        terms = await find_terms(conn, principal, query)
    profile: Literal["spreadsheet", "data"] = "data" if form.get("profile") == "data" else "spreadsheet"
    return CsvSpec(
        filter=filter_to_json(filter_of(query, terms, reader, dependencies.clock())),
        profile=profile,
        locale=reader.locale.language,
        timezone=reader.zone.key,
        delimiter="," if form.get("delimiter") == "," else ";",
        masked=not principal.is_admin,
    )


async def _transcript_spec(request: web.Request, form: dict[str, str]) -> PdfSpec:
    """The conversation named in the form. Raises ApiProblem(not_found) for what is no id."""
    conversation_id = read_id(form["conversation_id"])
    reader = reader_of(request)
    return PdfSpec(conversation_id=conversation_id, timezone=reader.zone.key, locale=reader.locale.language)


async def _job_of(request: web.Request) -> ExportJob:
    job = await find_export(dependencies_of(request), principal_of(request), id_of(request, "export_id"))
    if job is None:
        raise ApiProblem("not_found")
    return job
