"""The list of conversations, one in detail, its transcript, its end."""

from typing import Literal

from aiohttp import web
from msgspec import Struct

from services.query.api.requests import Parameters, answer
from services.query.auth.principal import REQUEST_ID, principal_of
from services.query.dependencies import dependencies_of
from services.query.ending import end_conversation
from services.query.idempotency import HEADER as IDEMPOTENCY_KEY
from services.query.ids import id_of
from services.query.problems import ApiProblem
from services.query.reading import view_conversation, view_history
from services.query.searching import search
from services.readmodel.conversations import MOST_ROWS
from services.readmodel.history import MOST_ENTRIES
from services.readmodel.rows import ConversationItem, Count, Freshness


class ConversationList(Struct, frozen=True):
    """A page of the list; `count` is null when it was not asked for."""

    items: tuple[ConversationItem, ...]
    next_cursor: str | None
    count: Count | None
    freshness: Freshness


async def list_conversations(request: web.Request) -> web.Response:
    """GET /conversations."""
    dependencies, principal = dependencies_of(request), principal_of(request)
    parameters = Parameters(request)
    limit = parameters.number("limit", default=50, most=MOST_ROWS)
    cursor = parameters.text("cursor")
    counted = parameters.word("count", ("true", "false"), default="true") == "true"
    wanted = parameters.filter(timezone=principal.timezone)
    found = await search(dependencies, principal, wanted, limit=limit, cursor=cursor, counted=counted)
    return answer(
        ConversationList(
            items=found.page.items,
            next_cursor=found.page.next_cursor,
            count=found.count,
            freshness=dependencies.freshness.current(),
        )
    )


async def get_conversation(request: web.Request) -> web.Response:
    """GET /conversations/{conversation_id}."""
    Parameters(request).nothing_else()
    found = await view_conversation(
        dependencies_of(request),
        principal_of(request),
        id_of(request, "conversation_id"),
        request_id=request[REQUEST_ID],
    )
    if found is None:
        raise ApiProblem("not_found")
    return answer(found)


async def get_history(request: web.Request) -> web.Response:
    """GET /conversations/{conversation_id}/history."""
    parameters = Parameters(request)
    cursor = parameters.text("cursor")
    limit = parameters.number("limit", default=100, most=MOST_ENTRIES)
    word = parameters.word("direction", ("forward", "backward"), default="forward")
    direction: Literal["forward", "backward"] = "backward" if word == "backward" else "forward"
    parameters.nothing_else()
    page = await view_history(
        dependencies_of(request),
        principal_of(request),
        id_of(request, "conversation_id"),
        request_id=request[REQUEST_ID],
        cursor=cursor,
        limit=limit,
        direction=direction,
    )
    if page is None:
        raise ApiProblem("not_found")
    return answer(page)


async def post_end(request: web.Request) -> web.Response:
    """POST /conversations/{conversation_id}/end."""
    Parameters(request).nothing_else()
    conversation_id = id_of(request, "conversation_id")
    accepted = await end_conversation(
        dependencies_of(request),
        principal_of(request),
        conversation_id,
        request_id=request[REQUEST_ID],
        idempotency_key=request.headers.get(IDEMPOTENCY_KEY),
    )
    return answer(accepted, status=202, headers={"Location": f"/api/v1/conversations/{conversation_id}"})
