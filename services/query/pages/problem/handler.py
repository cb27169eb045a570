"""Refusals and faults as a page that says what to do."""

from aiohttp import web

from services.query.auth.principal import PRINCIPAL, REQUEST_ID
from services.query.pages.page import frame_of, reader_of, render
from services.query.pages.problem.view import problem_view
from services.query.problems import ApiProblem

_DATABASE_AWAY = frozenset({"unavailable", "internal"})


async def show_problem(request: web.Request, problem: ApiProblem) -> web.StreamResponse:
    """The page of a refusal. The frame is left out where drawing it could fail for the same reason."""
    reader = reader_of(request)
    framed = PRINCIPAL in request and problem.code not in _DATABASE_AWAY
    frame = await frame_of(request, reader, "") if framed else None
    view = problem_view(reader, problem.code, request[REQUEST_ID], path=request.path)
    response = render(
        request,
        "problem/problem.html",
        reader=reader,
        frame=frame,
        status=problem.status,
        view=view,
        problem="",
    )
    response.headers.update(problem.headers)
    return response
