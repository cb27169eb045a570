"""One conversation: its page, its end, and the files in it."""

import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from aiohttp import web

from services.presentation.contacts import contact_name
from services.query.auth.principal import REQUEST_ID, principal_of
from services.query.dependencies import dependencies_of
from services.query.ending import end_conversation
from services.query.ids import id_of
from services.query.pages.conversation import detail as detail_view
from services.query.pages.conversation.transcript import Entry, transcript
from services.query.pages.page import frame_of, reader_of, render, today_of
from services.query.pages.posted import posted
from services.query.problems import ApiProblem
from services.query.reading import view_conversation, view_history
from services.readmodel.rows import ConversationDetail, HistoryPage

PAGE_ENTRIES = 150


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The entries of one page of history, and the addresses of its neighbours; empty: nothing there."""

    entries: tuple[Entry, ...]
    previous_url: str
    next_url: str
    first_url: str
    last_url: str
    long: bool


async def show_conversation(request: web.Request) -> web.StreamResponse:
    """GET /conversations/{conversation_id}"""
    conversation_id = id_of(request, "conversation_id")
    dependencies, principal = dependencies_of(request), principal_of(request)
    reader = reader_of(request)
    row = await find_or_refuse(request, conversation_id)
    backward = request.query.get("direction") == "backward"
    direction: Literal["forward", "backward"] = "backward" if backward else "forward"
    history = await view_history(
        dependencies,
        principal,
        conversation_id,
        request_id=request[REQUEST_ID],
        cursor=request.query.get("cursor") or None,
        limit=PAGE_ENTRIES,
        direction=direction,
    )
    if history is None:
        raise ApiProblem("not_found")
    today = today_of(request, reader)
    view = detail_view.detail(reader, row, today)
    entries = transcript(
        reader,
        history.items,
        today=today,
        customer=contact_name(reader, row.contact),
        states={each.file_id: each.state for each in row.files},
        urls={each.file_id: each.url for each in row.files if each.url},
    )
    asked_to_end = "ending" in request.query
    return render(
        request,
        "conversation/conversation.html",
        reader=reader,
        frame=await frame_of(request, reader, "conversations"),
        detail=view,
        history=_history_view(f"/conversations/{conversation_id}", entries, history),
        ending=asked_to_end and view.open,
        just_ended=asked_to_end and not view.open,
        back_url=_back_url(request),
        request_key=secrets.token_urlsafe(12),
    )


async def ask_end(request: web.Request) -> web.StreamResponse:
    """GET /conversations/{conversation_id}/end: says what will happen, and asks."""
    reader = reader_of(request)
    row = await find_or_refuse(request, id_of(request, "conversation_id"))
    if row.status != "open":
        raise ApiProblem("already_ended")
    return render(
        request,
        "conversation/end.html",
        reader=reader,
        frame=await frame_of(request, reader, "conversations"),
        detail=detail_view.detail(reader, row, today_of(request, reader)),
        request_key=secrets.token_urlsafe(12),
    )


async def do_end(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{conversation_id}/end: back to the conversation, which waits for the event to arrive."""
    conversation_id = id_of(request, "conversation_id")
    form = await posted(request)
    await end_conversation(
        dependencies_of(request),
        principal_of(request),
        conversation_id,
        request_id=request[REQUEST_ID],
        idempotency_key=form.get("request_key") or None,
    )
    location = f"/conversations/{conversation_id}?ending=1"
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})


async def find_or_refuse(request: web.Request, conversation_id: UUID) -> ConversationDetail:
    """The conversation, audited, with files addressed for pages. Raises ApiProblem(not_found)."""
    row = await view_conversation(
        dependencies_of(request), principal_of(request), conversation_id, request_id=request[REQUEST_ID]
    )
    if row is None:
        raise ApiProblem("not_found")
    # The rows hold the API's addresses, which take tokens; a browser has its session.
    files = tuple(
        each
        if each.url is None
        else msgspec.structs.replace(each, url=file_url(conversation_id, each.file_id))
        for each in row.files
    )
    return msgspec.structs.replace(row, files=files)


def file_url(conversation_id: UUID, file_id: str) -> str:
    """Where a page opens a file."""
    return f"/conversations/{conversation_id}/files/{quote(file_id, safe='')}"


def _history_view(path: str, entries: tuple[Entry, ...], page: HistoryPage) -> HistoryView:
    def url(cursor: str | None, direction: str) -> str:
        return f"{path}?{urlencode({'cursor': cursor, 'direction': direction})}" if cursor else ""

    return HistoryView(
        entries=entries,
        previous_url=url(page.previous_cursor, "backward"),
        next_url=url(page.next_cursor, "forward"),
        first_url=path,
        last_url=f"{path}?direction=backward",
        long=page.previous_cursor is not None or page.next_cursor is not None,
    )


def _back_url(request: web.Request) -> str:
    back = request.query.get("back", "")
    return f"/?{back}" if back else "/"
