"""What changes while a page is open, for the small script that asks now and then."""

from datetime import UTC, datetime, timedelta

from aiohttp import web

from services.presentation.reader import Reader
from services.query.auth.principal import principal_of
from services.query.dependencies import dependencies_of
from services.query.pages.frame.view import fresh
from services.query.pages.list.asked import filter_of, find_terms
from services.query.pages.list.page_query import PageQuery
from services.query.pages.page import reader_of
from services.query.search_slots import TooManySearches
from services.query.searching import prepare, search_connection
from services.readmodel.conversations import count_conversations
from services.readmodel.filters import BadFilter

_MILLISECOND = timedelta(milliseconds=1)


async def show_live(request: web.Request) -> web.StreamResponse:
    """GET /live: `{freshness, newer}`; `newer` counts what the open list would have on top, null without a list."""
    reader = reader_of(request)
    shown = fresh(reader, dependencies_of(request).freshness.current())
    try:
        newer = await _newer(request, reader)
    except TooManySearches:  # a person's own search goes first
        newer = None
    return web.json_response(
        {
            "freshness": {"tone": shown.tone, "text": shown.text, "title": shown.title},
            "newer": newer,
        }
    )


async def _newer(request: web.Request, reader: Reader) -> dict[str, object] | None:
    since = _moment(request.query.get("newer", ""))
    if since is None:
        return None
    dependencies, principal = dependencies_of(request), principal_of(request)
    query = PageQuery.parse(request.query)
    if query.value("period_of"):
        return None
    async with search_connection(dependencies, principal) as conn:
        terms = await find_terms(conn, principal, query)
        try:
            wanted = filter_of(query, terms, reader, dependencies.clock(), since=since + _MILLISECOND)
        except BadFilter:
            return None
        count = await count_conversations(conn, await prepare(conn, principal, wanted))
    text = reader.ngettext("{n} nueva: mostrar", "{n} nuevas: mostrar", count.value)
    return {"count": count.value, "text": text.format(n=reader.number(count.value))}


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
