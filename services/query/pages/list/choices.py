"""The values that filters offer, kept for half a minute an account: they change rarely and cost a scan."""

from datetime import datetime, timedelta

import asyncpg
import structlog
from aiohttp import web

from services.query.auth.principal import principal_of
from services.query.dependencies import dependencies_of
from services.query.search_slots import TooManySearches
from services.query.searching import prepare, search_connection
from services.readmodel.conversation_filter import ConversationFilter
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.rows import Facets
from services.readmodel.summaries import find_facets

KEPT_FOR = timedelta(seconds=30)
NOTHING: Facets = {facet.name: () for _, facet in FIELDS.facets}

log = structlog.get_logger(__name__)


class ChoiceCache:
    """Facets by account with the moment they were counted."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[datetime, Facets]] = {}

    def find(self, account_id: int, now: datetime) -> Facets | None:
        """What was counted lately, None when that is too long ago."""
        kept = self._kept.get(account_id)
        return kept[1] if kept is not None and now - kept[0] < KEPT_FOR else None

    def last(self, account_id: int) -> Facets:
        """What was counted last, however long ago."""
        kept = self._kept.get(account_id)
        return NOTHING if kept is None else kept[1]

    def keep(self, account_id: int, now: datetime, facets: Facets) -> None:
        """Remembers a count."""
        self._kept[account_id] = (now, facets)


CHOICES = web.AppKey("choices", ChoiceCache)


async def choices_of(request: web.Request) -> Facets:
    """What can be chosen, over the whole account, so that one choice does not hide the others.

    A count that takes too long leaves the older one: the list matters more than its filters' counts.
    """
    cache, principal = request.app[CHOICES], principal_of(request)
    dependencies = dependencies_of(request)
    now = dependencies.clock()
    found = cache.find(principal.account_id, now)
    if found is not None:
        return found
    try:
        async with search_connection(dependencies, principal) as conn:
            facets = await find_facets(conn, await prepare(conn, principal, ConversationFilter()))
    except (asyncpg.QueryCanceledError, TooManySearches):
        log.warning("choices_not_counted", account_id=principal.account_id)
        return cache.last(principal.account_id)
    if facets["channels"]:  # an empty account is asked again: its first conversation shows at once
        cache.keep(principal.account_id, now, facets)
    return facets
