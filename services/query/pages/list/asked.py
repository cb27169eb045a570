"""What the list is asked as a filter: the same for the list, its export and the count of new ones."""

from datetime import datetime

from msgspec import Struct

from services.chassis.postgres import Connection
from services.presentation.reader import Reader
from services.query.auth.principal import Principal
from services.query.pages.list.page_query import PageQuery
from services.query.pages.list.search_terms import find_term
from services.readmodel.filters import ConversationFilter, parse_filter


class Terms(Struct, frozen=True):
    """The kept terms of a state: what was typed into the customer box, and the text in messages."""

    box: str
    text: str


async def find_terms(conn: Connection, principal: Principal, query: PageQuery) -> Terms:
    """The terms that the ids of a state stand for; empty where there is none or nobody knows it."""
    return Terms(
        box=await find_term(conn, principal, query.s) or "",
        text=await find_term(conn, principal, query.t) or "",
    )


def filter_of(
    query: PageQuery, terms: Terms, reader: Reader, now: datetime, *, since: datetime | None = None
) -> ConversationFilter:
    """The filter that a state means at `now` on the reader's clock; `since` moves the start of its period up to then.

    Raises BadFilter.
    """
    parameters = query.parameters(box=terms.box, text=terms.text, zone=reader.zone, now=now)
    if since is not None:
        start = max(filter(None, (since, query.bounds(reader.zone, now)[0])))
        parameters["from"] = [start.isoformat()]
    return parse_filter(parameters, timezone=reader.zone.key)
