"""What happens around every request: its id, who asks, what may go wrong, what browsers must know."""

import re
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

import asyncpg
import structlog
from aiohttp import web

from services.chassis.postgres import is_transient
from services.query.auth.csrf import SAFE_METHODS, has_token, is_same_origin
from services.query.auth.links import SETUP_PATH, needs_setup
from services.query.auth.policy import Permission, allows
from services.query.auth.principal import PRINCIPAL, REQUEST_ID, Principal
from services.query.auth.sessions import cookie_name, find_by_cookie
from services.query.auth.tokens import find_by_token
from services.query.dependencies import Dependencies, dependencies_of
from services.query.metrics import REQUEST_SECONDS, REQUESTS
from services.query.problems import ApiProblem, of_bad_filter
from services.query.routing import Handler, permission_of, route_key
from services.query.search_slots import TooManySearches
from services.readmodel.filters import BadFilter

API_PREFIX = "/api/v1/"
LONGEST_QUERY = 4_000
"""Characters of a query string."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 400: "bad_body"}

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"

PageProblem = Callable[[web.Request, ApiProblem], Awaitable[web.StreamResponse]]
PAGE_PROBLEM: web.AppKey[PageProblem] = web.AppKey("page_problem")
"""How pages show a refusal; set by services/query/pages."""

log = structlog.get_logger(__name__)


def is_api(request: web.Request) -> bool:
    """Whether a request is for the JSON API, and so answers problem+json and takes tokens only."""
    return request.path.startswith(API_PREFIX)


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives the request an id, times it, counts it and logs it."""
    given = request.headers.get("X-Request-ID", "")
    request[REQUEST_ID] = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
    started = perf_counter()
    response = await handler(request)
    elapsed = perf_counter() - started
    route = route_key(request.match_info.route)[1] or "none"
    REQUESTS.labels(method=request.method, route=route, status=str(response.status)).inc()
    REQUEST_SECONDS.labels(route=route).observe(elapsed)
    log.info(
        "request_answered",
        request_id=request[REQUEST_ID],
        method=request.method,
        route=route,  # the pattern: an address may hold ids, a query string personal data
        status=response.status,
        milliseconds=round(elapsed * 1000, 1),
        actor=request[PRINCIPAL].actor if PRINCIPAL in request else None,
    )
    return response


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns refusals and faults into answers: problem+json for the API, a page for people."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        problem = ApiProblem(_HTTP_CODES.get(error.status, "internal" if error.status >= 500 else "bad_body"))
        if "Allow" in error.headers:
            problem.headers["Allow"] = error.headers["Allow"]
    except ApiProblem as error:
        problem = error
    except BadFilter as error:
        problem = of_bad_filter(error)
    except TooManySearches as error:
        problem = ApiProblem("too_many_searches", headers={"Retry-After": str(error.retry_after)})
    except asyncpg.QueryCanceledError:
        problem = ApiProblem("search_timeout", headers={"Retry-After": "1"})
    except Exception as error:  # noqa: BLE001  a request's outermost loop: a fault answers, with its id, loudly
        problem = _of_fault(error, request[REQUEST_ID])
    if is_api(request) or PAGE_PROBLEM not in request.app:
        return problem.response(request[REQUEST_ID])
    return await request.app[PAGE_PROBLEM](request, problem)


@web.middleware
async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Finds out who asks and whether the route's policy lets them; pages also prove where a form came from."""
    if request.match_info.http_exception is not None:
        return await handler(request)
    if len(request.query_string) > LONGEST_QUERY:
        raise ApiProblem("query_too_long", f"at most {LONGEST_QUERY} characters")
    permission = permission_of(request)
    dependencies = dependencies_of(request)
    if is_api(request):
        if permission is not Permission.PUBLIC:
            principal = await _by_token(request, dependencies)
            _require(permission, principal)
            request[PRINCIPAL] = principal
        return await handler(request)
    if request.method not in SAFE_METHODS and not is_same_origin(request):
        raise ApiProblem("not_allowed", "the form was not sent by our own page")
    found = await _by_cookie(request, dependencies)
    if found is not None:
        request[PRINCIPAL] = found
    if permission is Permission.PUBLIC:
        return await handler(request)
    if found is None:
        raise await _to_sign_in(request, dependencies)
    _require(permission, found)
    if request.method not in SAFE_METHODS and not await has_token(request, found):
        raise ApiProblem("not_allowed", "the form is too old; load the page again")
    return await handler(request)


async def finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Sets the headers of every answer, streamed ones too; a handler may have chosen stricter ones or a cache."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if dependencies_of(request).settings.secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    if REQUEST_ID in request:
        response.headers["X-Request-ID"] = request[REQUEST_ID]
    response.headers["Server"] = "bitacora"  # aiohttp would name itself and its version


MIDDLEWARES = (identify, refuse, authorise)


def _require(permission: Permission, principal: Principal) -> None:
    if not allows(permission, principal.role):
        raise ApiProblem("not_allowed")


async def _by_token(request: web.Request, dependencies: Dependencies) -> Principal:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    principal = None
    if scheme.lower() == "bearer":
        async with dependencies.pool.acquire() as conn:
            principal = await find_by_token(conn, token.strip(), dependencies.clock())
    if principal is None:
        raise ApiProblem("not_authenticated", headers={"WWW-Authenticate": 'Bearer realm="bitacora"'})
    return principal


async def _by_cookie(request: web.Request, dependencies: Dependencies) -> Principal | None:
    cookie = request.cookies.get(cookie_name(secure=dependencies.settings.secure))
    if not cookie:
        return None
    async with dependencies.pool.acquire() as conn:
        return await find_by_cookie(conn, cookie, dependencies.clock())


async def _to_sign_in(request: web.Request, dependencies: Dependencies) -> Exception:
    """Where somebody unknown goes: to the set-up while nobody exists, else to the sign-in, and back afterwards."""
    async with dependencies.pool.acquire() as conn:
        if await needs_setup(conn):
            return web.HTTPSeeOther(SETUP_PATH)
    if request.method not in SAFE_METHODS:
        return ApiProblem("not_authenticated", "sign in again")
    back = request.rel_url
    return web.HTTPSeeOther(request.app.router["sign_in"].url_for().with_query(next=str(back)))


def _of_fault(error: Exception, request_id: str) -> ApiProblem:
    if is_transient(error):
        log.warning("dependency_unavailable", request_id=request_id, exc_info=error)
        return ApiProblem("unavailable", headers={"Retry-After": "2"})
    log.error("request_failed", request_id=request_id, exc_info=error)
    return ApiProblem("internal")
