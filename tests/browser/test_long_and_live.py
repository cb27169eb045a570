"""Long conversations come in pages, and an open list says when there is more."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.story import Rows, open_talk
from tests.support.stack import run_blocking

MESSAGES = 400


def add_rows(site: Site, rows: Rows) -> None:
    async def copy() -> None:
        conn = await asyncpg.connect(site.dsn)
        try:
            await rows.copy(conn)
        finally:
            await conn.close()

    run_blocking(copy())


@pytest.fixture(scope="module")
def long_talk(site: Site) -> UUID:
    """A conversation of 400 messages."""
    rows = Rows(site.account_id)
    contact = {"name": "Larga Charla", "identifiers": [("username", "larga")]}
    talk = open_talk(
        rows, 30_000, datetime.now(UTC) - timedelta(days=2), contact=contact, customer_count=MESSAGES
    )
    for number in range(MESSAGES):
        talk.say(
            number / 10, "customer" if number % 2 else "bot", f"mensaje {number}", sender_name="Asistente"
        )
    add_rows(site, rows)
    found: UUID = rows.tables["conversation"][0]["conversation_id"]
    return found


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_a_long_conversation_goes_on_page_by_page(visit: Visit, long_talk: UUID, script: bool) -> None:  # noqa: FBT001
    page = visit(f"/conversations/{long_talk}", java_script_enabled=script)
    said = page.locator(".say .words")
    expect(said.first).to_have_text("mensaje 0")
    before = said.count()
    page.get_by_role("link", name="Ver mensajes siguientes").click()
    expect(page.get_by_text(f"mensaje {before + 5}", exact=True)).to_be_visible()
    if script:
        expect(said.first).to_have_text("mensaje 0")
        page.get_by_role("link", name="Ver mensajes siguientes").click()
        expect(said).to_have_count(MESSAGES)


def test_the_end_of_a_long_conversation_is_one_click_away(visit: Visit, long_talk: UUID) -> None:
    page = visit(f"/conversations/{long_talk}")
    page.get_by_role("link", name="Final", exact=True).click()
    expect(page.locator(".say .words").last).to_have_text(f"mensaje {MESSAGES - 1}")
    page.get_by_role("link", name="Ver mensajes anteriores").click()
    expect(page.get_by_text(f"mensaje {MESSAGES - 200}", exact=True)).to_be_visible()
    expect(page.locator(".say .words").last).to_have_text(f"mensaje {MESSAGES - 1}")


def test_an_open_list_offers_what_is_new_without_moving(visit: Visit, site: Site) -> None:
    page = visit("/")
    first = page.locator(".who-name").first.inner_text()
    expect(page.locator("#newer")).to_be_hidden()
    rows = Rows(site.account_id)
    contact = {"name": "Recién Llegada", "identifiers": [("username", "nueva")]}
    open_talk(rows, 31_000, datetime.now(UTC), contact=contact, customer_count=1)
    add_rows(site, rows)
    pill = page.locator("#newer")
    expect(pill).to_have_text("1 nueva: mostrar", timeout=12_000)
    expect(page.locator(".who-name").first).to_have_text(first)
    pill.click()
    expect(page.locator(".who-name").first).to_have_text("Recién Llegada")
    expect(page.locator("#freshness")).to_have_text(re.compile("Al día, hace"))


def test_a_transcript_whose_time_is_over_says_why_it_is_empty(visit: Visit, site: Site) -> None:
    rows = Rows(site.account_id)
    open_talk(
        rows,
        32_000,
        datetime.now(UTC) - timedelta(days=400),
        contact={"name": "Hace Tiempo", "identifiers": [("username", "antes")]},
        customer_count=4,
        customer_files=1,
        has_files=True,
    )
    add_rows(site, rows)
    page = visit(f"/conversations/{rows.tables['conversation'][0]['conversation_id']}")
    expect(page.locator(".marker-expired")).to_have_text(
        "Los mensajes se borraron al cumplirse el plazo de conservación"
    )
    expect(page.get_by_text("Empezó la conversación")).to_be_visible()
    expect(page.get_by_text("Los archivos se borraron con los mensajes.")).to_be_visible()
    page.screenshot(path=site.shot("expired"))
