"""Who may do what: route -> permission -> roles. A route that is not listed here does not start."""

from enum import StrEnum

from aiohttp import web

from services.query.auth.principal import Role


class Permission(StrEnum):
    """What a route lets one do."""

    PUBLIC = "public"
    READ_CONVERSATIONS = "conversations:read"
    END_CONVERSATIONS = "conversations:end"
    EXPORT = "exports:create"
    SIGNED_IN = "session"


_BOTH: frozenset[Role] = frozenset({"operator", "admin"})

ROLES: dict[Permission, frozenset[Role]] = {
    Permission.READ_CONVERSATIONS: _BOTH,
    Permission.END_CONVERSATIONS: _BOTH,
    Permission.EXPORT: _BOTH,
    Permission.SIGNED_IN: _BOTH,
}
"""Roles of each permission; PUBLIC asks for nobody."""

API_POLICY: dict[tuple[str, str], Permission] = {
    ("GET", "/api/v1/openapi.json"): Permission.PUBLIC,
    ("GET", "/api/v1/conversations"): Permission.READ_CONVERSATIONS,
    ("GET", "/api/v1/conversations/facets"): Permission.READ_CONVERSATIONS,
    ("GET", "/api/v1/conversations/histogram"): Permission.READ_CONVERSATIONS,
    ("GET", "/api/v1/conversations/{conversation_id}"): Permission.READ_CONVERSATIONS,
    ("GET", "/api/v1/conversations/{conversation_id}/history"): Permission.READ_CONVERSATIONS,
    ("GET", "/api/v1/conversations/{conversation_id}/files"): Permission.READ_CONVERSATIONS,
    ("GET", "/api/v1/conversations/{conversation_id}/files/{file_id}/content"): Permission.READ_CONVERSATIONS,
    ("POST", "/api/v1/conversations/{conversation_id}/end"): Permission.END_CONVERSATIONS,
    ("GET", "/api/v1/exports"): Permission.EXPORT,
    ("POST", "/api/v1/exports"): Permission.EXPORT,
    ("GET", "/api/v1/exports/{export_id}"): Permission.EXPORT,
    ("POST", "/api/v1/exports/{export_id}/cancel"): Permission.EXPORT,
    ("GET", "/api/v1/exports/{export_id}/file"): Permission.EXPORT,
}

# Pages: kept by whoever keeps services/query/web.
WEB_POLICY: dict[tuple[str, str], Permission] = {
    ("GET", "/"): Permission.READ_CONVERSATIONS,
    ("POST", "/search"): Permission.READ_CONVERSATIONS,
    ("GET", "/live"): Permission.READ_CONVERSATIONS,
    ("GET", "/conversations/{conversation_id}"): Permission.READ_CONVERSATIONS,
    ("GET", "/conversations/{conversation_id}/end"): Permission.END_CONVERSATIONS,
    ("POST", "/conversations/{conversation_id}/end"): Permission.END_CONVERSATIONS,
    ("GET", "/conversations/{conversation_id}/files/{file_id}"): Permission.READ_CONVERSATIONS,
    ("GET", "/exports"): Permission.EXPORT,
    ("POST", "/exports"): Permission.EXPORT,
    ("GET", "/exports/{export_id}"): Permission.EXPORT,
    ("POST", "/exports/{export_id}/cancel"): Permission.EXPORT,
    ("GET", "/exports/{export_id}/file"): Permission.EXPORT,
    ("GET", "/sign-in"): Permission.PUBLIC,
    ("POST", "/sign-in"): Permission.PUBLIC,
    ("GET", "/sign-in/link"): Permission.PUBLIC,
    ("POST", "/sign-in/link"): Permission.PUBLIC,
    ("GET", "/setup"): Permission.PUBLIC,
    ("POST", "/setup"): Permission.PUBLIC,
    ("POST", "/sign-out"): Permission.SIGNED_IN,
    ("POST", "/preferences/theme"): Permission.SIGNED_IN,
    ("GET", "/static/{name}"): Permission.PUBLIC,
}

POLICY = {**API_POLICY, **WEB_POLICY}


class MissingPolicy(Exception):  # noqa: N818 - a refusal to start, named as one
    """Routes exist that nobody decided about."""


def route_key(route: web.AbstractRoute) -> tuple[str, str]:
    """Method and path pattern of a route; HEAD counts as GET, static folders as `<prefix>/{path}`."""
    resource = route.resource
    path = "" if resource is None else resource.canonical
    if isinstance(resource, web.StaticResource):
        path = f"{path}/{{path}}"
    return ("GET" if route.method == "HEAD" else route.method, path)


def permission_of(route: web.AbstractRoute) -> Permission:
    """What a route asks for. Raises MissingPolicy."""
    try:
        return POLICY[route_key(route)]
    except KeyError:
        raise MissingPolicy(" ".join(route_key(route))) from None


def allows(permission: Permission, role: Role) -> bool:
    """Whether the role may; PUBLIC allows everybody."""
    return permission is Permission.PUBLIC or role in ROLES[permission]


def check_policies(app: web.Application) -> None:
    """Refuses an application with a route that has no policy. Raises MissingPolicy naming all of them."""
    missing = sorted(
        {" ".join(route_key(route)) for route in app.router.routes() if route_key(route) not in POLICY}
    )
    if missing:
        raise MissingPolicy(", ".join(missing))
