"""Who makes a request: a person with a session, or a token; always within one account."""

from typing import Literal

from aiohttp import web
from msgspec import Struct

Role = Literal["operator", "admin"]


class Principal(Struct, frozen=True, kw_only=True):
    """The one who asks. `actor` is what audit rows and jobs carry: `user:<id>` or `token:<id>`.

    `locale` is the language that a person chose; None: no choice, as the browser asks.
    """

    account_id: int
    account: str
    role: Role
    actor: str
    name: str
    timezone: str
    user_id: int | None = None
    email: str | None = None
    locale: str | None = None
    csrf_token: str | None = None
    session_hash: bytes | None = None

    @property
    def is_admin(self) -> bool:
        """Whether identifiers are shown in full everywhere."""
        return self.role == "admin"


PRINCIPAL = web.RequestKey("principal", Principal)
REQUEST_ID = web.RequestKey("request_id", str)


def principal_of(request: web.Request) -> Principal:
    """The principal that the middleware found; only for routes whose policy asks for one."""
    return request[PRINCIPAL]
