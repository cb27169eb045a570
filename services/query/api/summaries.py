"""What a search finds, in numbers."""

from typing import get_args

from aiohttp import web

from services.query.api.requests import Parameters, answer
from services.query.auth.principal import principal_of
from services.query.dependencies import dependencies_of
from services.query.searching import prepare, search_connection
from services.readmodel.summaries import Unit, find_facets, find_histogram

UNITS: tuple[Unit, ...] = get_args(Unit)


async def get_facets(request: web.Request) -> web.Response:
    """GET /conversations/facets."""
    principal = principal_of(request)
    wanted = Parameters(request).filter(timezone=principal.timezone)
    async with search_connection(dependencies_of(request), principal) as conn:
        return answer(await find_facets(conn, await prepare(conn, principal, wanted)))


async def get_histogram(request: web.Request) -> web.Response:
    """GET /conversations/histogram."""
    dependencies, principal = dependencies_of(request), principal_of(request)
    parameters = Parameters(request)
    word = parameters.word("unit", UNITS, default="")
    timezone = parameters.zone(default=principal.timezone)
    wanted = parameters.filter(timezone=principal.timezone)
    async with search_connection(dependencies, principal) as conn:
        fragment = await prepare(conn, principal, wanted)
        found = await find_histogram(
            conn,
            wanted,
            fragment,
            timezone=timezone,
            now=dependencies.clock(),
            unit=next((unit for unit in UNITS if unit == word), None),
        )
    return answer(found)
