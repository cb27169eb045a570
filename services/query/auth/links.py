"""Single-use tokens: the link that signs one person in, and the token that makes the first admin."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from services.chassis.clock import utc_now
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.query.auth.principal import Role
from services.query.auth.tokens import NoSuchAccount, hash_secret

SQL = load_statements(Path(__file__).with_suffix(".sql"))

LINK_PATH = "/sign-in/link"
SETUP_PATH = "/setup"
LINK_LIFE = timedelta(minutes=30)
SETUP_LIFE = timedelta(minutes=30)
_LONGEST_TOKEN = 100


class SignedInPerson(Struct, frozen=True):
    """Whom a link signed in, and where."""

    user_id: int
    account_id: int


async def issue_sign_in_link(
    conn: Connection, *, account: str, role: Role = "admin", ttl: timedelta = LINK_LIFE
) -> str:
    """The path (`/sign-in/link?token=...`) that signs one person in once.

    The person is the account's first one with this role; without any, one is made who can sign in by link
    only. Raises NoSuchAccount.
    """
    async with conn.transaction():
        account_id = await conn.fetchval(SQL["find_account"], account)
        if account_id is None:
            raise NoSuchAccount(account)
        user_id = await conn.fetchval(SQL["find_member"], account_id, role)
        if user_id is None:
            user_id = await conn.fetchval(
                SQL["add_link_person"], f"{role}@{account}.invalid", role.capitalize()
            )
            await conn.execute(SQL["add_membership"], account_id, user_id, role)
        token = secrets.token_urlsafe(32)
        await conn.execute(SQL["add_link"], hash_secret(token), user_id, account_id, utc_now() + ttl)
    return f"{LINK_PATH}?token={token}"


async def redeem_link(conn: Connection, token: str, now: datetime) -> SignedInPerson | None:
    """Uses a link up; None when it is unknown, used or expired."""
    if len(token) > _LONGEST_TOKEN:
        return None
    row = await conn.fetchrow(SQL["redeem_link"], hash_secret(token), now)
    return None if row is None else SignedInPerson(row["app_user_id"], row["account_id"])


async def needs_setup(conn: Connection) -> bool:
    """Whether nobody exists yet."""
    return not await conn.fetchval(SQL["has_users"])


async def issue_setup_token(conn: Connection, *, ttl: timedelta = SETUP_LIFE) -> str | None:
    """A token that makes the first admin, replacing older ones; None when somebody exists already."""
    if not await needs_setup(conn):
        return None
    token = secrets.token_urlsafe(32)
    async with conn.transaction():
        await conn.execute(SQL["drop_setup_tokens"])
        await conn.execute(SQL["add_setup_token"], hash_secret(token), utc_now() + ttl)
    return token


async def redeem_setup_token(conn: Connection, token: str, now: datetime) -> bool:
    """Uses the set-up token up, in the caller's transaction; false when it is wrong, used or expired."""
    if len(token) > _LONGEST_TOKEN:
        return False
    return await conn.fetchval(SQL["redeem_setup_token"], hash_secret(token), now) is not None


async def is_setup_token(conn: Connection, token: str, now: datetime) -> bool:
    """Whether the token would be accepted, without using it."""
    if len(token) > _LONGEST_TOKEN:
        return False
    return bool(await conn.fetchval(SQL["has_setup_token"], hash_secret(token), now))
