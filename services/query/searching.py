"""Runs a search for somebody: a slot, a connection with the searches' time-out, the compiled filter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

from services.chassis.postgres import Connection
from services.query.auth.principal import Principal
from services.query.dependencies import Dependencies
from services.readmodel.conversations import count_conversations, find_page
from services.readmodel.filters import ConversationFilter, Fragment, prepare_filter
from services.readmodel.rows import ConversationPage, Count


class SearchResult(Struct, frozen=True):
    """A page of conversations and, when asked for, how many there are.

    `condition` is the prepared filter: whatever else the same request counts goes by it, so that a text is searched once.
    """

    page: ConversationPage
    count: Count | None
    condition: Fragment


@asynccontextmanager
async def search_connection(dependencies: Dependencies, principal: Principal) -> AsyncIterator[Connection]:
    """A connection for one search. Raises TooManySearches."""
    with dependencies.slots.taken_by(principal.actor):
        async with dependencies.search_pool.acquire() as conn:
            yield conn


async def prepare(conn: Connection, principal: Principal, wanted: ConversationFilter) -> Fragment:
    """The compiled filter within the principal's account."""
    return await prepare_filter(conn, principal.account_id, wanted)


async def search(
    dependencies: Dependencies,
    principal: Principal,
    wanted: ConversationFilter,
    *,
    limit: int = 50,
    cursor: str | None = None,
    counted: bool = True,
) -> SearchResult:
    """One page of the list as this principal may see it. Raises BadFilter, TooManySearches."""
    async with search_connection(dependencies, principal) as conn:
        fragment = await prepare(conn, principal, wanted)
        page = await find_page(
            conn, wanted, fragment, limit=limit, cursor=cursor, masked=not principal.is_admin
        )
        count = await count_conversations(conn, fragment) if counted else None
    return SearchResult(page, count, fragment)
