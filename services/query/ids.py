"""Ids in requests: what is no id names nothing, like the id of a thing that is not there."""

from uuid import UUID

from aiohttp import web

from services.query.problems import ApiProblem


def read_id(text: str) -> UUID:
    """The id that a text spells. Raises ApiProblem(not_found)."""
    try:
        return UUID(text)
    except ValueError:
        raise ApiProblem("not_found") from None


def id_of(request: web.Request, name: str) -> UUID:
    """The id in the path. Raises ApiProblem(not_found)."""
    return read_id(request.match_info[name])
