"""Sessions of people: a random cookie, of which only the hash is stored; idle 30 minutes, 12 hours at most."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from msgspec import Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.query.auth.principal import Principal
from services.query.auth.tokens import hash_secret

SQL = load_statements(Path(__file__).with_suffix(".sql"))

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SECURE_COOKIE = "__Host-sid"
PLAIN_COOKIE = "sid"
"""Browsers refuse `__Host-` without HTTPS, which a loopback address does not have."""

_TOUCH_EVERY = timedelta(minutes=1)
_LONGEST_COOKIE = 100


class NewSession(Struct, frozen=True):
    """A session just opened: the cookie's value, shown to the browser only."""

    cookie: str
    csrf_token: str


async def open_session(conn: Connection, *, user_id: int, account_id: int, now: datetime) -> NewSession:
    """Opens a session for a person in an account; also clears sessions that are over."""
    new = NewSession(cookie=secrets.token_urlsafe(32), csrf_token=secrets.token_urlsafe(32))
    await conn.execute(SQL["drop_finished"], now, now - IDLE)
    await conn.execute(
        SQL["add_session"], hash_secret(new.cookie), user_id, account_id, new.csrf_token, now, now + LONGEST
    )
    return new


async def find_by_cookie(conn: Connection, cookie: str, now: datetime) -> Principal | None:
    """Who a cookie stands for; None when the session is over, or the person lost the account or was disabled."""
    if not cookie or len(cookie) > _LONGEST_COOKIE:
        return None
    hashed = hash_secret(cookie)
    row = await conn.fetchrow(SQL["find_session"], hashed, now, now - IDLE)
    if row is None:
        return None
    if now - row["last_seen_at"] > _TOUCH_EVERY:
        await conn.execute(SQL["touch_session"], hashed, now)
    return Principal(
        account_id=row["account_id"],
        account=row["slug"],
        role=row["role"],
        actor=f"user:{row['app_user_id']}",
        name=row["name"],
        timezone=row["timezone"],
        user_id=row["app_user_id"],
        email=row["email"],
        locale=row["locale"],
        csrf_token=row["csrf_token"],
        session_hash=hashed,
    )


async def close_session(conn: Connection, session_hash: bytes) -> None:
    """Ends one session; harmless when it is over."""
    await conn.execute(SQL["drop_session"], session_hash)


def cookie_name(*, secure: bool) -> str:
    """The name of the session cookie."""
    return SECURE_COOKIE if secure else PLAIN_COOKIE


def set_cookie(response: web.StreamResponse, session: NewSession, *, secure: bool) -> None:
    """Hands the session to the browser."""
    response.set_cookie(
        cookie_name(secure=secure), session.cookie, secure=secure, httponly=True, samesite="Lax", path="/"
    )


def clear_cookie(response: web.StreamResponse, *, secure: bool) -> None:
    """Takes the session from the browser, and what it kept of our pages."""
    response.del_cookie(cookie_name(secure=secure), secure=secure, httponly=True, samesite="Lax", path="/")
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
