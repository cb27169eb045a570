"""Whether a state-changing request of a browser comes from our own pages: by its origin, then by a token."""

import hmac
from urllib.parse import urlsplit

from aiohttp import web

from services.query.auth.principal import Principal

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_same_origin(request: web.Request) -> bool:
    """Whether the browser says that our own page sent this; a request that says nothing is refused."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == request.host


async def has_token(request: web.Request, principal: Principal) -> bool:
    """Whether header or form field carries the session's token."""
    given = request.headers.get(HEADER)
    if given is None and request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        field = (await request.post()).get(FIELD)
        given = field if isinstance(field, str) else None
    expected = principal.csrf_token
    return (
        given is not None and expected is not None and hmac.compare_digest(given.encode(), expected.encode())
    )
