"""Signing in: by password, by link, by the first set-up; forms from elsewhere; sessions that end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.clock import utc_now
from services.chassis.postgres import Connection, Pool, connect, create_pool
from services.query.auth.attempts import Attempts
from services.query.auth.links import issue_setup_token, issue_sign_in_link, redeem_link
from services.query.auth.passwords import Passwords
from services.query.auth.people import (
    BadPerson,
    Refused,
    create_person,
    set_language,
    set_up,
    sign_in,
    sign_in_by_link,
)
from services.query.auth.sessions import NewSession, close_session, find_by_cookie
from tests.support.query_site import Site, query_site
from tests.support.seed import NOW, add_account

PASSWORD = "una frase larga y nuestra"
FORM = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Connection]:
    connection = await connect(database, application_name="test-access")
    await add_account(connection, "acme")
    yield connection
    await connection.close()


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    opened = await create_pool(database, application_name="test-access", max_size=2)
    yield opened
    await opened.close()


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    hashing = Passwords()
    yield hashing
    hashing.close()


async def person(conn: Connection, passwords: Passwords, email: str = "ana@example.com") -> int:
    """Makes an operator of acme."""
    return await create_person(
        conn, passwords, account="acme", email=email, name="Ana", role="operator", password=PASSWORD
    )


async def attempt(
    pool: Pool,
    passwords: Passwords,
    attempts: Attempts,
    *,
    password: str = PASSWORD,
    email: str = "ana@example.com",
    now: datetime = NOW,
) -> NewSession | Refused:
    return await sign_in(
        pool,
        passwords,
        attempts,
        email=email,
        password=password,
        address="192.0.2.1",
        request_id="r-1",
        now=now,
    )


async def test_the_right_password_opens_a_session_and_the_wrong_one_does_not(
    conn: Connection, pool: Pool, passwords: Passwords
) -> None:
    user_id = await person(conn, passwords)
    attempts = Attempts()
    assert await attempt(pool, passwords, attempts, password="falsa") == Refused("wrong")
    assert await attempt(pool, passwords, attempts, email="nadie@example.com") == Refused("wrong")
    session = await attempt(pool, passwords, attempts, email=" ANA@example.com ")
    assert isinstance(session, NewSession)
    principal = await find_by_cookie(conn, session.cookie, NOW)
    assert principal is not None
    assert (principal.actor, principal.role, principal.account) == (f"user:{user_id}", "operator", "acme")
    stored = await conn.fetchrow("SELECT * FROM ops.session")
    assert stored is not None
    assert session.cookie.encode() not in bytes(stored["session_hash"])
    actions = [
        row["action"] for row in await conn.fetch("SELECT action FROM ops.audit_entry ORDER BY audit_id")
    ]
    assert actions == ["session.refused", "session.refused", "session.opened"]


async def test_failures_make_the_next_attempt_wait_longer_each_time(
    conn: Connection, pool: Pool, passwords: Passwords
) -> None:
    await person(conn, passwords)
    attempts = Attempts()
    for _ in range(3):
        assert await attempt(pool, passwords, attempts, password="falsa") == Refused("wrong")
    refused = await attempt(pool, passwords, attempts)
    assert refused == Refused("wait", timedelta(seconds=1))
    later = NOW + timedelta(seconds=2)
    assert await attempt(pool, passwords, attempts, password="falsa", now=later) == Refused("wrong")
    assert await attempt(pool, passwords, attempts, now=later) == Refused("wait", timedelta(seconds=2))
    assert isinstance(await attempt(pool, passwords, attempts, now=later + timedelta(seconds=3)), NewSession)


async def test_a_session_ends_when_idle_when_old_when_closed_and_when_the_person_is_disabled(
    conn: Connection, pool: Pool, passwords: Passwords
) -> None:
    await person(conn, passwords)

    async def opened() -> NewSession:
        session = await attempt(pool, passwords, Attempts())
        assert isinstance(session, NewSession)
        return session

    session = await opened()
    assert await find_by_cookie(conn, session.cookie, NOW + timedelta(minutes=31)) is None
    moment = NOW
    while moment < NOW + timedelta(hours=11, minutes=59):
        assert await find_by_cookie(conn, session.cookie, moment) is not None
        moment += timedelta(minutes=20)
    assert await find_by_cookie(conn, session.cookie, NOW + timedelta(hours=12, seconds=1)) is None
    session = await opened()
    principal = await find_by_cookie(conn, session.cookie, NOW)
    assert principal is not None
    assert principal.session_hash is not None
    await close_session(conn, principal.session_hash)
    assert await find_by_cookie(conn, session.cookie, NOW) is None
    session = await opened()
    await conn.execute("UPDATE ops.app_user SET disabled_at = now()")
    assert await find_by_cookie(conn, session.cookie, NOW) is None


async def test_a_link_signs_in_once(conn: Connection) -> None:
    path = await issue_sign_in_link(conn, account="acme", role="admin")
    token = path.partition("token=")[2]
    first = await sign_in_by_link(conn, token=token, request_id="r-1", now=utc_now())
    assert isinstance(first, NewSession)
    assert await sign_in_by_link(conn, token=token, request_id="r-2", now=utc_now()) == Refused("link_used")
    late = (await issue_sign_in_link(conn, account="acme")).partition("token=")[2]
    assert await redeem_link(conn, late, utc_now() + timedelta(minutes=31)) is None


async def test_the_set_up_token_makes_one_admin_and_no_second(conn: Connection, passwords: Passwords) -> None:
    token = await issue_setup_token(conn)
    assert token is not None

    async def use(given: str, email: str, password: str = PASSWORD) -> NewSession | Refused:
        return await set_up(
            conn, passwords, token=given, account="nueva", email=email, name="Eva", password=password,
            request_id="r-1", now=utc_now(),
        )  # fmt: skip

    with pytest.raises(BadPerson) as refused:
        await use(token, "nobody", "corta")
    assert refused.value.problems == {"email": "invalid", "password": "too_short"}
    assert await use("wrong", "eva@example.com") == Refused("setup_used")
    assert isinstance(await use(token, "eva@example.com"), NewSession)
    assert await use(token, "otra@example.com") == Refused("setup_used")
    assert await issue_setup_token(conn) is None


async def test_pages_send_strangers_to_sign_in_and_refuse_forms_from_elsewhere(
    database: str, tmp_path: Path, conn: Connection, passwords: Passwords
) -> None:
    async with query_site(database, tmp_path, "acme") as site:
        answer = await site.client.get("/", allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/setup")
        await person(conn, passwords)
        answer = await site.client.get("/?status=open", allow_redirects=False)
        assert answer.headers["Location"].startswith("/sign-in?next=")
        for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            refused = await site.client.post("/sign-in", data={"email": "ana@example.com"}, headers=headers)
            assert refused.status == 403
        csrf = await _signed_in(site, conn)
        for data in ({}, {"csrf_token": "guess"}):
            refused = await site.client.post("/sign-out", data=data, headers=FORM)
            assert refused.status == 403
        answer = await site.client.post(
            "/sign-out", data={"csrf_token": csrf}, headers=FORM, allow_redirects=False
        )
        assert answer.status == 303
        assert 'sid=""' in answer.headers["Set-Cookie"]
        answer = await site.client.get("/", allow_redirects=False)
        assert answer.status == 303


async def _signed_in(site: Site, conn: Connection) -> str:
    """Signs the browser in by link; answers the token its forms carry."""
    path = await issue_sign_in_link(conn, account="acme", role="operator")
    shown = await site.client.get(path)
    assert shown.status == 200
    token = path.partition("token=")[2]
    answer = await site.client.post(
        "/sign-in/link", data={"token": token}, headers=FORM, allow_redirects=False
    )
    assert answer.status == 303
    cookie = answer.headers["Set-Cookie"]
    assert re.search(r"sid=.+; HttpOnly; Path=/; SameSite=Lax", cookie)
    return str(await conn.fetchval("SELECT csrf_token FROM ops.session"))


async def test_a_language_is_kept_with_the_person_and_can_be_given_back(
    conn: Connection, pool: Pool, passwords: Passwords
) -> None:
    user_id = await person(conn, passwords)
    session = await attempt(pool, passwords, Attempts())
    assert isinstance(session, NewSession)

    async def language() -> str | None:
        found = await find_by_cookie(conn, session.cookie, NOW)
        assert found is not None
        return found.locale

    assert await language() is None
    await set_language(conn, user_id, "pt")
    assert await language() == "pt"
    await set_language(conn, user_id, None)
    assert await language() is None
