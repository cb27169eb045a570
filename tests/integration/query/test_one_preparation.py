"""A page looks for a text once, although list, count and histogram all go by it."""

import pytest

from services.chassis.postgres import Connection
from services.query.auth.sessions import PLAIN_COOKIE, SECURE_COOKIE, open_session
from services.readmodel import filters
from services.readmodel.text import find_by_text
from tests.integration.query.conftest import World
from tests.support.query_site import Site
from tests.support.seed import NOW


async def test_a_page_searches_its_text_once(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site.pool.acquire() as conn:
        user_id = await conn.fetchval(
            "INSERT INTO ops.app_user (email, name) VALUES ('eva@example.com', 'Eva') RETURNING app_user_id"
        )
        await conn.execute("INSERT INTO ops.membership VALUES ($1, $2, 'admin')", world.acme, user_id)
        await conn.execute(
            "INSERT INTO ops.search_term (account_id, search_term_id, app_user_id, term) VALUES ($1, 'k', $2, 'ligacao')",
            world.acme, user_id,
        )  # fmt: skip
        session = await open_session(conn, user_id=user_id, account_id=world.acme, now=NOW)
    asked: list[str] = []

    async def counted(conn: Connection, account_id: int, text: str, **bounds: int) -> list[int]:
        asked.append(text)
        return await find_by_text(conn, account_id, text, **bounds)

    monkeypatch.setattr(filters, "find_by_text", counted)
    cookies = dict.fromkeys((PLAIN_COOKIE, SECURE_COOKIE), session.cookie)
    answer = await site.client.get("/?t=k", cookies=cookies)
    page = await answer.text()
    assert "data-row" in page
    assert "histogram" in page
    assert asked == ["ligacao"]
