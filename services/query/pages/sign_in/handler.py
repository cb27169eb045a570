"""Getting in: by password, by a single-use link, by the set-up of a new installation; and out again."""

from http import HTTPStatus

from aiohttp import web

from services.query.auth.attempts import Attempts
from services.query.auth.links import is_setup_token, needs_setup
from services.query.auth.passwords import Passwords
from services.query.auth.people import BadPerson, Refused, set_up, sign_in, sign_in_by_link
from services.query.auth.principal import PRINCIPAL, REQUEST_ID, principal_of
from services.query.auth.sessions import NewSession, clear_cookie, close_session, set_cookie
from services.query.dependencies import dependencies_of
from services.query.pages.page import local_path, reader_of, render
from services.query.pages.posted import posted
from services.query.pages.sign_in import refusals

PASSWORDS = web.AppKey("passwords", Passwords)
ATTEMPTS = web.AppKey("attempts", Attempts)


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """GET /sign-in"""
    if PRINCIPAL in request:
        raise web.HTTPSeeOther("/")
    async with dependencies_of(request).pool.acquire() as conn:
        if await needs_setup(conn):
            raise web.HTTPSeeOther("/setup")
    return _sign_in_page(request, back=request.query.get("next", "/"))


async def do_sign_in(request: web.Request) -> web.StreamResponse:
    """POST /sign-in"""
    form = await posted(request)
    email, password, back = form.get("email", ""), form.get("password", ""), form.get("next", "")
    dependencies = dependencies_of(request)
    outcome = await sign_in(
        dependencies.pool,
        request.app[PASSWORDS],
        request.app[ATTEMPTS],
        email=email,
        password=password,
        address=request.remote or "",
        request_id=request[REQUEST_ID],
        now=dependencies.clock(),
    )
    if isinstance(outcome, Refused):
        problem = refusals.refusal(reader_of(request), outcome.reason, outcome.retry_after)
        status = HTTPStatus.TOO_MANY_REQUESTS if outcome.reason == "wait" else HTTPStatus.UNAUTHORIZED
        return _sign_in_page(request, back=back, email=email[:254], problem=problem, status=status)
    return _enter(request, outcome, local_path(back))


async def show_link(request: web.Request) -> web.StreamResponse:
    """GET /sign-in/link: a button, so that a mail scanner that follows links does not use it up."""
    return _link_page(request, token=request.query.get("token", "")[:100])


async def do_link(request: web.Request) -> web.StreamResponse:
    """POST /sign-in/link"""
    token = (await posted(request)).get("token", "")
    dependencies = dependencies_of(request)
    async with dependencies.pool.acquire() as conn:
        outcome = await sign_in_by_link(
            conn, token=token, request_id=request[REQUEST_ID], now=dependencies.clock()
        )
    if isinstance(outcome, Refused):
        problem = refusals.refusal(reader_of(request), outcome.reason, outcome.retry_after)
        return _link_page(request, token="", problem=problem, status=HTTPStatus.GONE)
    return _enter(request, outcome, "/")


async def show_setup(request: web.Request) -> web.StreamResponse:
    """GET /setup"""
    dependencies = dependencies_of(request)
    token = request.query.get("token", "")
    async with dependencies.pool.acquire() as conn:
        if not await needs_setup(conn):
            raise web.HTTPSeeOther("/sign-in")
        valid = bool(token) and await is_setup_token(conn, token, dependencies.clock())
    reader = reader_of(request)
    problem = refusals.refusal(reader, "setup_used", None) if token and not valid else ""
    return _setup_page(request, token=token if valid else "", problem=problem)


async def do_setup(request: web.Request) -> web.StreamResponse:
    """POST /setup"""
    form = await posted(request)
    token, name, email = form.get("token", ""), form.get("name", ""), form.get("email", "")
    dependencies = dependencies_of(request)
    reader = reader_of(request)
    try:
        async with dependencies.pool.acquire() as conn:
            outcome = await set_up(
                conn,
                request.app[PASSWORDS],
                token=token,
                account=form.get("account", "") or refusals.FIRST_ACCOUNT,
                email=email,
                name=name,
                password=form.get("password", ""),
                request_id=request[REQUEST_ID],
                now=dependencies.clock(),
            )
    except BadPerson as bad:
        problem = refusals.person_problem(reader, bad.problems)
        return _setup_page(
            request, token=token, name=name, email=email, problem=problem, status=HTTPStatus.BAD_REQUEST
        )
    if isinstance(outcome, Refused):
        problem = refusals.refusal(reader, outcome.reason, outcome.retry_after)
        return _setup_page(request, token="", problem=problem, status=HTTPStatus.GONE)
    return _enter(request, outcome, "/")


async def do_sign_out(request: web.Request) -> web.StreamResponse:
    """POST /sign-out"""
    dependencies = dependencies_of(request)
    principal = principal_of(request)
    if principal.session_hash is not None:
        async with dependencies.pool.acquire() as conn:
            await close_session(conn, principal.session_hash)
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/sign-in"})
    clear_cookie(response, secure=dependencies.settings.secure)
    return response


def _enter(request: web.Request, session: NewSession, back: str) -> web.Response:
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": back})
    set_cookie(response, session, secure=dependencies_of(request).settings.secure)
    return response


def _sign_in_page(
    request: web.Request, *, back: str, email: str = "", problem: str = "", status: int = 200
) -> web.Response:
    return render(
        request, "sign_in/sign_in.html", reader=reader_of(request), frame=None, status=status,
        next=local_path(back), email=email, problem=problem,
    )  # fmt: skip


def _link_page(request: web.Request, *, token: str, problem: str = "", status: int = 200) -> web.Response:
    return render(
        request, "sign_in/sign_in_link.html", reader=reader_of(request), frame=None, status=status,
        token=token, problem=problem,
    )  # fmt: skip


def _setup_page(
    request: web.Request, *, token: str, name: str = "", email: str = "", problem: str = "", status: int = 200
) -> web.Response:
    return render(
        request, "sign_in/setup.html", reader=reader_of(request), frame=None, status=status,
        token=token, name=name[:120], email=email[:254], problem=problem,
    )  # fmt: skip
