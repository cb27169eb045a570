"""Routes that say who may use them: method, path, handler and permission in one row. One without does not start."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from services.query.auth.policy import Permission

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Key = tuple[str, str]
"""Method and path pattern."""


@dataclass(frozen=True, slots=True)
class Route:
    """One row. A `name` lets others ask the router for the address; `head` answers HEAD too, as browsers expect of pages."""

    method: str
    path: str
    handler: Handler
    permission: Permission
    name: str | None = None
    head: bool = False


def get(path: str, handler: Handler, permission: Permission, *, name: str | None = None) -> Route:
    """A page or file that is read."""
    return Route("GET", path, handler, permission, name=name, head=True)


def post(path: str, handler: Handler, permission: Permission) -> Route:
    """A form that is sent."""
    return Route("POST", path, handler, permission)


class MissingPolicy(Exception):  # noqa: N818 - a refusal to start, named as one
    """Routes exist that nobody decided about."""


PERMISSIONS: web.AppKey[dict[Key, Permission]] = web.AppKey("permissions", dict)


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Adds routes with their permissions."""
    if PERMISSIONS not in app:
        app[PERMISSIONS] = {}
    for route in routes:
        if route.head:
            app.router.add_get(route.path, route.handler, name=route.name)
        else:
            app.router.add_route(route.method, route.path, route.handler, name=route.name)
        app[PERMISSIONS][route.method, route.path] = route.permission


def route_key(route: web.AbstractRoute) -> Key:
    """Method and path pattern of a route; HEAD counts as GET, static folders as `<prefix>/{path}`."""
    resource = route.resource
    path = "" if resource is None else resource.canonical
    if isinstance(resource, web.StaticResource):
        path = f"{path}/{{path}}"
    return ("GET" if route.method == "HEAD" else route.method, path)


def permission_of(request: web.Request) -> Permission:
    """What the route of a request asks for. Raises MissingPolicy."""
    key = route_key(request.match_info.route)
    try:
        return request.app[PERMISSIONS][key]
    except KeyError:
        raise MissingPolicy(" ".join(key)) from None


def check_policies(app: web.Application) -> None:
    """Refuses an application with a route that has no permission. Raises MissingPolicy naming all of them."""
    declared = app.get(PERMISSIONS, {})
    missing = sorted(
        {" ".join(route_key(route)) for route in app.router.routes() if route_key(route) not in declared}
    )
    if missing:
        raise MissingPolicy(", ".join(missing))
