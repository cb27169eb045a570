"""The people who may sign in, and how they do."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from bitacora_schemas.events.envelope import is_slug
from msgspec import Struct

from services.chassis.postgres import Connection, Pool
from services.chassis.sql import load_statements
from services.chassis.transactions import transaction
from services.query.auth.attempts import Attempts
from services.query.auth.audit import NO_ACCOUNT, record_attempt
from services.query.auth.links import redeem_link, redeem_setup_token
from services.query.auth.passwords import Passwords, password_problem
from services.query.auth.principal import Role
from services.query.auth.sessions import NewSession, open_session
from services.query.auth.tokens import NoSuchAccount

SQL = load_statements(Path(__file__).with_suffix(".sql"))

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\Z")
_LONGEST_NAME = 200


class BadPerson(Exception):  # noqa: N818 - a refusal, named as one
    """What was given makes no person: field -> code (`too_short`, `too_long`, `too_common`, `invalid`, `taken`)."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__(", ".join(f"{field}: {code}" for field, code in problems.items()))


class Refused(Struct, frozen=True):
    """Why nobody was signed in; `retry_after` is set when it was tried too often."""

    reason: Literal["wrong", "wait", "link_used", "setup_used"]
    retry_after: timedelta | None = None


async def create_person(
    conn: Connection,
    passwords: Passwords,
    *,
    account: str,
    email: str,
    name: str,
    role: Role,
    password: str | None,
) -> int:
    """Makes a person with a role in an existing account and answers the person's id.

    Without a password the person signs in by link only. Raises BadPerson, NoSuchAccount.
    """
    email = email.strip().lower()
    _check(email=email, name=name, password=password)
    hashed = None if password is None else await passwords.hash(password)
    async with conn.transaction():
        account_id = await conn.fetchval(SQL["find_account"], account)
        if account_id is None:
            raise NoSuchAccount(account)
        user_id = await conn.fetchval(SQL["add_person"], email, name.strip(), hashed)
        if user_id is None:
            raise BadPerson({"email": "taken"})
        await conn.execute(SQL["add_membership"], account_id, user_id, role)
    return int(user_id)


async def set_up(
    conn: Connection,
    passwords: Passwords,
    *,
    token: str,
    account: str,
    email: str,
    name: str,
    password: str,
    request_id: str,
    now: datetime,
) -> NewSession | Refused:
    """Makes the first admin, and the account where it does not exist yet. Raises BadPerson."""
    email = email.strip().lower()
    _check(email=email, name=name, password=password)
    if not is_slug(account):
        raise BadPerson({"account": "invalid"})
    hashed = await passwords.hash(password)
    async with conn.transaction():
        if not await redeem_setup_token(conn, token, now):
            await record_attempt(conn, action="setup.refused", request_id=request_id)
            return Refused("setup_used")
        account_id = await conn.fetchval(SQL["ensure_account"], account)
        user_id = await conn.fetchval(SQL["add_person"], email, name.strip(), hashed)
        await conn.execute(SQL["add_membership"], account_id, user_id, "admin")
        return await _signed_in(conn, user_id, account_id, "setup.done", request_id=request_id, now=now)


async def sign_in(
    pool: Pool,
    passwords: Passwords,
    attempts: Attempts,
    *,
    email: str,
    password: str,
    address: str,
    request_id: str,
    now: datetime,
) -> NewSession | Refused:
    """Signs in by password. Right or wrong, known or unknown: the same time and the same words.

    Takes a pool: nobody holds a connection while passwords wait for their turn to be hashed.
    """
    email = email.strip().lower()[:300]
    wait = attempts.wait(email, address, now)
    if wait > timedelta():
        return Refused("wait", wait)
    async with pool.acquire() as conn:
        row = await conn.fetchrow(SQL["find_person"], email)
    right = await passwords.verify(None if row is None else row["password_hash"], password)
    if row is None or not right:
        attempts.failed(email, address, now)
        async with pool.acquire() as conn:
            await record_attempt(
                conn,
                action="session.refused",
                request_id=request_id,
                account_id=NO_ACCOUNT if row is None else row["account_id"],
                actor="system" if row is None else f"user:{row['app_user_id']}",
            )
        return Refused("wrong")
    attempts.succeeded(email, address)
    renewed = await passwords.hash(password) if passwords.is_outdated(row["password_hash"]) else None
    async with transaction(pool) as conn:
        if renewed is not None:
            await conn.execute(SQL["set_password"], row["app_user_id"], renewed)
        return await _signed_in(
            conn, row["app_user_id"], row["account_id"], "session.opened", request_id=request_id, now=now
        )


async def sign_in_by_link(
    conn: Connection, *, token: str, request_id: str, now: datetime
) -> NewSession | Refused:
    """Signs in by a single-use link."""
    async with conn.transaction():
        person = await redeem_link(conn, token, now)
        if person is None:
            await record_attempt(conn, action="link.refused", request_id=request_id)
            return Refused("link_used")
        return await _signed_in(
            conn, person.user_id, person.account_id, "link.used", request_id=request_id, now=now
        )


async def set_language(conn: Connection, user_id: int, language: str | None) -> None:
    """Keeps the language that a person chose; None: as the browser asks."""
    await conn.execute(SQL["set_language"], user_id, language)


async def _signed_in(
    conn: Connection, user_id: int, account_id: int, action: str, *, request_id: str, now: datetime
) -> NewSession:
    session = await open_session(conn, user_id=user_id, account_id=account_id, now=now)
    await record_attempt(
        conn, action=action, request_id=request_id, account_id=account_id, actor=f"user:{user_id}"
    )
    return session


def _check(*, email: str, name: str, password: str | None) -> None:
    problems: dict[str, str] = {}
    if not _EMAIL.match(email):
        problems["email"] = "invalid"
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        problems["name"] = "invalid"
    if password is not None and (problem := password_problem(password)) is not None:
        problems["password"] = problem
    if problems:
        raise BadPerson(problems)
