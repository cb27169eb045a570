"""The list of conversations, and the form that asks for one."""

import secrets
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import quote, urlencode

import asyncpg
from aiohttp import web

from services.chassis.transactions import transaction
from services.presentation.reader import Reader
from services.query.auth.audit import record
from services.query.auth.principal import REQUEST_ID, principal_of
from services.query.dependencies import dependencies_of
from services.query.pages.list import chips, forms, rows, understanding
from services.query.pages.list.asked import Terms, filter_of, find_terms
from services.query.pages.list.chips import Chip
from services.query.pages.list.choices import choices_of
from services.query.pages.list.forms import FilterForm
from services.query.pages.list.histogram import Drawing, drawing
from services.query.pages.list.page_query import Asked, PageQuery, parse_form
from services.query.pages.list.rows import Row
from services.query.pages.list.search_terms import keep_term
from services.query.pages.page import frame_of, reader_of, render, today_of
from services.query.search_slots import TooManySearches
from services.query.searching import search, search_connection
from services.readmodel.conversation_filter import ConversationFilter
from services.readmodel.conversations import find_item
from services.readmodel.filters import BadFilter, Fragment
from services.readmodel.rows import ConversationItem, Facets, Histogram
from services.readmodel.search import read_contact_query
from services.readmodel.summaries import find_histogram

PAGE_ROWS = 50
_MOST_PAGES_BACK = 60


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything that the list page prints."""

    form: FilterForm
    box: str
    text: str
    chips: tuple[Chip, ...]
    problems: tuple[str, ...]
    count: str
    understood: str
    url: str
    address: str
    newest: str
    request_key: str
    delimiter: str
    rows: tuple[Row, ...]
    histogram: Drawing | None
    previous_url: str
    next_url: str
    wider_url: str


async def show_list(request: web.Request) -> web.StreamResponse:
    """GET /"""
    reader = reader_of(request)
    query = PageQuery.parse(request.query)
    dependencies, principal = dependencies_of(request), principal_of(request)
    async with dependencies.pool.acquire() as conn:
        terms = await find_terms(conn, principal, query)
    found = await _find(request, reader, query, terms)
    view = _view(request, reader, query, terms, found)
    frame = await frame_of(request, reader, "conversations")
    status = HTTPStatus.BAD_REQUEST if found.problems else HTTPStatus.OK
    return render(request, "list/list.html", reader=reader, frame=frame, status=status, view=view)


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /search: keeps personal terms, then goes to the address of the list that answers."""
    form = await request.post()
    asked = parse_form(form)
    dependencies, principal = dependencies_of(request), principal_of(request)
    pasted = read_contact_query(asked.box).conversation_id
    if pasted is not None:
        async with dependencies.pool.acquire() as conn:
            item = await find_item(conn, principal.account_id, pasted)
        if item is not None:
            return _see(item.url)
    if asked.period_ends_before_it_starts:
        return await _show_bad_period(request, asked)
    async with transaction(dependencies.pool) as conn:
        query = replace(
            asked.query,
            s=await keep_term(conn, principal, asked.box),
            t=await keep_term(conn, principal, asked.text),
        )
        if query.s or query.t:
            await record(
                conn, principal, operation="access", action="conversation.search", object_kind="search_term",
                object_id=query.s or query.t, request_id=request[REQUEST_ID],
            )  # fmt: skip
    return _see(query.url)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, or why nothing could be looked for."""

    items: tuple[ConversationItem, ...]
    next_cursor: str | None
    count: str
    facets: Facets
    histogram: Histogram | None
    problems: tuple[str, ...]


async def _find(request: web.Request, reader: Reader, query: PageQuery, terms: Terms) -> Found:
    dependencies, principal = dependencies_of(request), principal_of(request)
    try:
        wanted = filter_of(query, terms, reader, dependencies.clock())
        result = await search(
            dependencies, principal, wanted, limit=PAGE_ROWS, cursor=request.query.get("cursor") or None
        )
    except BadFilter as bad:
        facets = await choices_of(request)
        return Found((), None, "", facets, None, understanding.filter_problems(reader, bad))
    histogram = await _histogram(request, reader, wanted, result.condition) if result.page.items else None
    facets = await choices_of(request)
    count = rows.count_text(reader, result.count)
    return Found(result.page.items, result.page.next_cursor, count, facets, histogram, ())


async def _histogram(
    request: web.Request, reader: Reader, wanted: ConversationFilter, condition: Fragment
) -> Histogram | None:
    """The counts over time; none when they take too long, since the list itself is there."""
    dependencies, principal = dependencies_of(request), principal_of(request)
    try:
        async with search_connection(dependencies, principal) as conn:
            return await find_histogram(
                conn, wanted, condition, timezone=reader.zone.key, now=dependencies.clock()
            )
    except (asyncpg.QueryCanceledError, TooManySearches):
        return None


def _view(request: web.Request, reader: Reader, query: PageQuery, terms: Terms, found: Found) -> ListView:
    today = today_of(request, reader)
    previous_url, next_url = _paging(request, query, found.next_cursor)
    here = query.address
    cursor = request.query.get("cursor")
    back = quote(
        urlencode({"cursor": cursor, "trail": request.query.get("trail", "")}) if cursor else "", safe=""
    )
    link_back = quote(here, safe="") + (f"%26{back}" if back and here else back)
    wider = replace(query, period="", start="", end="")
    drawn = None
    if found.histogram is not None:
        drawn = drawing(
            reader, found.histogram, lambda start, end: query.between(start, end, reader.zone).url
        )
    return ListView(
        form=forms.filter_form(reader, query, found.facets, text_search=True),
        box=terms.box,
        text=terms.text,
        chips=chips.chips(reader, query, box=terms.box, text=terms.text, names=forms.names_of(found.facets)),
        problems=found.problems,
        count=found.count,
        understood=understanding.contact_box(reader, terms.box),
        url=query.url,
        address=here,
        newest=found.items[0].started_at.isoformat() if found.items and not cursor else "",
        request_key=secrets.token_urlsafe(12),
        delimiter=reader.delimiter,
        rows=tuple(rows.row(reader, item, today, link_back) for item in found.items),
        histogram=drawn,
        previous_url=previous_url,
        next_url=next_url,
        wider_url=wider.url if wider != query else "",
    )


def _paging(request: web.Request, query: PageQuery, next_cursor: str | None) -> tuple[str, str]:
    """Addresses of the neighbouring pages; `trail` remembers the cursors that led here, so back is exact."""
    cursor = request.query.get("cursor", "")
    trail = [each for each in request.query.get("trail", "").split(".") if each][-_MOST_PAGES_BACK:]

    def url(cursor: str, trail: list[str]) -> str:
        extra = urlencode([pair for pair in (("cursor", cursor), ("trail", ".".join(trail))) if pair[1]])
        parts = [part for part in (query.address, extra) if part]
        return f"/?{'&'.join(parts)}" if parts else "/"

    previous_url = ""
    if cursor:
        previous_url = url(trail[-1], trail[:-1]) if trail else url("", [])
    next_url = url(next_cursor, [*trail, *([cursor] if cursor else [])]) if next_cursor else ""
    return previous_url, next_url


async def _show_bad_period(request: web.Request, asked: Asked) -> web.StreamResponse:
    reader = reader_of(request)
    found = Found((), None, "", await choices_of(request), None,
                  (reader.gettext("El periodo termina antes de empezar: revisa las fechas y las horas."),))  # fmt: skip
    view = _view(request, reader, asked.query, Terms(asked.box, asked.text), found)
    frame = await frame_of(request, reader, "conversations")
    return render(
        request, "list/list.html", reader=reader, frame=frame, status=HTTPStatus.BAD_REQUEST, view=view
    )


def _see(location: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})
