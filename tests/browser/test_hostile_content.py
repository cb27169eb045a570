"""Nothing that a customer, a bot or a source writes can run, load or restyle anything in the pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from bitacora_schemas.ids import uuid5_of

from tests.browser.conftest import Visit
from tests.browser.hostile import PAYLOADS
from tests.browser.site import Site
from tests.browser.story import Rows, open_talk
from tests.support.stack import run_blocking

WIDER = """limit => document.documentElement.scrollWidth <= limit ? [] : [...document.querySelectorAll("main *")]
    .filter(each => each.getBoundingClientRect().right > limit + 1).slice(0, 5)
    .map(each => each.tagName + "." + each.getAttribute("class"))"""


def hostile_rows(account_id: int) -> tuple[Rows, UUID]:
    """One conversation whose every text is hostile, and a customer for each payload."""
    rows = Rows(account_id)
    now = datetime.now(UTC)
    for number, text in enumerate(PAYLOADS):
        talk = open_talk(
            rows, 20_000 + number, now - timedelta(seconds=number),
            contact={"name": text, "company_id": text[:80], "email": text[:80],
                     "attributes": json.dumps({text[:60]: text[:200]}), "identifiers": [("username", f"h{number}")]},
            chatbot_id=f"bot-{number}", chatbot_name=text, channel=text[:30] if number % 2 else "whatsapp",
            customer_count=1, last_activity_at=now,
            assistants=json.dumps([{"id": "a", "name": text, "at": now.isoformat()}]),
        )  # fmt: skip
        for place, each in enumerate(PAYLOADS if number == 0 else (text,)):
            talk.say(place / 10, "bot", each, sender_name=each, sender_id=each[:60], statuses=("failed",),
                     errors=json.dumps([{"code": each, "title": each, "detail": each}]),
                     template=json.dumps({"name": each, "language": each, "text": each, "rendering": "none",
                                          "variables": [{"name": each, "value": each}]}),
                     parts=json.dumps([
                         {"index": 0, "type": "text", "text": each},
                         {"index": 1, "type": "choices", "prompt": each,
                          "options": [{"id": "1", "title": each, "description": each, "url": each}]},
                         {"index": 2, "type": "media", "file": {"file_id": each[:60], "name": each, "caption": each,
                                                               "kind": each, "state": "pending"}},
                         {"index": 3, "type": "form", "name": each, "fields": {each: each}},
                         {"index": 4, "type": each},
                     ]))  # fmt: skip
        rows.add("transfer", conv_key=talk.key, event_id=uuid5_of("hostile", str(number)), occurred_at=now,
                 position=1, to_kind=text[:30], to_name=text, reason=text)  # fmt: skip
        rows.add("evaluation", thread_key=talk.thread_key, evaluation_id="e", conv_key=talk.key, metric=text[:30],
                 question=text, asked_at=now, answered_at=now, valid=False, raw_answer=text, comment=text)  # fmt: skip
    first: UUID = rows.tables["conversation"][0]["conversation_id"]
    return rows, first


@pytest.fixture(scope="module")
def hostile(site: Site) -> UUID:
    """The id of the worst conversation."""
    rows, first = hostile_rows(site.account_id)

    async def fill() -> None:
        conn = await asyncpg.connect(site.dsn)
        try:
            await rows.copy(conn)
        finally:
            await conn.close()

    run_blocking(fill())
    return first


@pytest.mark.parametrize("place", ["list", "conversation", "end"])
def test_hostile_text_stays_text(visit: Visit, hostile: UUID, place: str) -> None:
    path = {"list": "/", "conversation": f"/conversations/{hostile}", "end": f"/conversations/{hostile}/end"}[
        place
    ]
    page = visit("/exports")
    foreign: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda sent: foreign.append(sent.url) if "127.0.0.1" not in sent.url else None)
    page.on("dialog", lambda shown: dialogs.append(shown.message))
    page.goto(path)
    page.mouse.move(200, 400)
    page.wait_for_timeout(300)
    assert page.evaluate("window.caught") is None
    assert (foreign, dialogs) == ([], [])
    assert page.locator("main").is_visible()
    assert page.evaluate("[...document.links].every(link => /^https?:$/.test(link.protocol))")
    assert (
        page.locator("main script, main style, main iframe, main base, main [onclick], main [hx-get]").count()
        == 0
    )


def test_text_that_cannot_wrap_does_not_widen_the_page(visit: Visit, hostile: UUID) -> None:
    for path in ("/", f"/conversations/{hostile}"):
        page = visit(path, viewport={"width": 390, "height": 844})
        wide = page.evaluate(WIDER, 390)
        assert wide == []
