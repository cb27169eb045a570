"""The API as a dashboard uses it: shapes, refusals, limits, audit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from bitacora_schemas.events import ConversationEnded, decode_event
from bitacora_schemas.events.decode import DecodedEvent
from bitacora_schemas.topics import EVENTS

from tests.integration.query.conftest import World
from tests.support.query_site import Site
from tests.support.seed import Seeded

ITEM = {
    "id", "url", "thread_key", "status", "environment", "channel", "channel_address", "started_at", "ended_at",
    "last_activity_at", "duration_seconds", "interactions", "chatbot", "assistants", "contact", "scores",
    "transferred", "started_by_template", "has_files", "end",
}  # fmt: skip
MESSAGE = {
    "kind", "at", "id", "direction", "sender", "plain_text", "parts", "reply_to", "status", "edited", "deleted",
    "reactions", "late", "template",
}  # fmt: skip


def one_of(world: World, **wanted: Any) -> Seeded:
    """The newest conversation of acme with these properties and at least two messages."""
    return next(
        each
        for each in world.seed.of(world.acme)
        if len(each.texts) >= 2 and all(getattr(each, name) == value for name, value in wanted.items())
    )


async def test_items_have_exactly_the_promised_fields_and_times_in_utc(site: Site, world: World) -> None:
    answer = await site.client.get("/api/v1/conversations?limit=200", headers=site.of("acme"))
    body = await answer.json()
    assert set(body) == {"items", "next_cursor", "count", "freshness"}
    assert body["freshness"] == {"as_of": "2026-03-01T12:00:00Z", "lag_seconds": 0.8}
    for item in body["items"]:
        assert set(item) == ITEM
        assert item["started_at"].endswith("Z")
        assert (item["end"] is None) == (item["status"] == "open")


async def test_every_problem_of_a_request_is_named_at_once(site: Site) -> None:
    path = "/api/v1/conversations?chatbto=x&status=shut&limit=1000&from=yesterday&score_min=a&timezone=Mars/X"
    answer = await site.client.get(path, headers=site.of("acme"))
    body = json.loads(await answer.text())
    assert answer.status == 400
    assert answer.content_type == "application/problem+json"
    assert {each["parameter"]: each["code"] for each in body["problems"]} == {
        "chatbto": "unknown_parameter", "status": "not_allowed", "limit": "not_a_number",
        "from": "not_a_time", "score_min": "not_a_number", "timezone": "unknown_timezone",
    }  # fmt: skip


async def test_a_word_in_the_text_finds_its_conversations_with_accents_or_not(
    site: Site, world: World
) -> None:
    for word in ("envío", "ENVIO"):
        answer = await site.client.get(f"/api/v1/conversations?text={word}", headers=site.of("acme"))
        found = (await answer.json())["items"]
        by_id = {str(each.id): each for each in world.seed.of(world.acme)}
        assert found
        assert all(any("envío" in text for text in by_id[each["id"]].texts) for each in found)


async def test_too_long_a_query_string_is_refused(site: Site) -> None:
    answer = await site.client.get(f"/api/v1/conversations?chatbot={'x' * 5000}", headers=site.of("acme"))
    assert (answer.status, json.loads(await answer.text())["code"]) == (400, "query_too_long")


async def test_a_third_search_at_once_is_told_to_wait(site: Site) -> None:
    async with site.pool.acquire() as conn:
        identifier = await conn.fetchval(
            "SELECT max(api_token_id) FROM ops.api_token t JOIN ops.account a USING (account_id) "
            "WHERE a.slug = 'acme' AND t.role = 'admin'"
        )
    actor = f"token:{identifier}"
    with site.slots.taken_by(actor), site.slots.taken_by(actor):
        answer = await site.client.get("/api/v1/conversations", headers=site.of("acme"))
    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
    assert (await site.client.get("/api/v1/conversations", headers=site.of("acme"))).status == 200


async def test_a_view_is_audited_and_a_look_at_nothing_is_not(site: Site, world: World) -> None:
    one = one_of(world)
    for path in ("", "/history", "/files"):
        answer = await site.client.get(
            f"/api/v1/conversations/{one.id}{path}", headers=site.of("acme", "operator")
        )
        assert answer.status == 200
    assert (await site.client.get(f"/api/v1/conversations/{uuid4()}", headers=site.of("acme"))).status == 404
    async with site.pool.acquire() as conn:
        actions = await conn.fetch(
            "SELECT action, role, actor FROM ops.audit_entry WHERE object_id = $1 ORDER BY audit_id",
            str(one.id),
        )
    assert [each["action"] for each in actions][-3:] == [
        "conversation.view", "conversation.history", "conversation.files",
    ]  # fmt: skip
    assert actions[-1]["role"] == "operator"


async def test_the_transcript_reads_the_same_in_any_page_size_and_direction(site: Site, world: World) -> None:
    one = one_of(world, status=2)
    whole = (await _history(site, one.id, limit=200))["items"]
    kinds = [each["kind"] for each in whole]
    assert (kinds[0], kinds[-1]) == ("started", "ended")
    assert [each["plain_text"] for each in whole if each["kind"] == "message"] == list(one.texts)
    assert all(set(each) == MESSAGE for each in whole if each["kind"] == "message")
    for limit in (1, 2, 3):
        forward, cursor = [], None
        while True:
            page = await _history(site, one.id, limit=limit, cursor=cursor)
            forward += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert forward == whole
        backward: list[Any] = []
        cursor = None
        while True:
            page = await _history(site, one.id, limit=limit, cursor=cursor, direction="backward")
            backward = page["items"] + backward
            cursor = page["previous_cursor"]
            if cursor is None:
                break
        assert backward == whole


async def test_annotations_stand_in_the_detail_and_where_they_were_made(site: Site, world: World) -> None:
    one = one_of(world, status=2, labels=("envío", "reclamo", "vip"))
    assert one.ended_at is not None
    # Of those, one is taken back, and another one is written a day after the end.
    await site.pool.execute(
        "UPDATE annotation SET value = NULL WHERE conv_key = $1 AND key = 'reclamo'", one.key
    )
    await site.pool.execute(
        "UPDATE annotation SET kind = 'note', value = '\"Se fue contento\"', message_id = NULL,"
        " occurred_at = $2 WHERE conv_key = $1 AND key = 'envío'",
        one.key, one.ended_at + timedelta(days=1),
    )  # fmt: skip
    answer = await site.client.get(f"/api/v1/conversations/{one.id}", headers=site.of("acme", "operator"))
    label, note = (await answer.json())["annotations"]
    assert set(label) == {"annotation_id", "kind", "key", "value", "by", "at", "message_id"}
    assert (label["kind"], label["key"], label["value"]) == ("label", "vip", True)
    assert label["by"] == {"kind": "human", "id": "h-1", "name": "Rosa"}
    assert label["message_id"].startswith("m-")
    assert (note["kind"], note["value"], note["message_id"]) == ("note", "Se fue contento", None)
    whole = (await _history(site, one.id, role="operator", limit=200))["items"]
    kinds = [each["kind"] for each in whole]
    assert (kinds[:2], kinds[-2:]) == (["started", "annotation"], ["ended", "annotation"])
    assert [each["annotation"] for each in whole if each["kind"] == "annotation"] == [label, note]
    backward: list[Any] = []
    cursor = None
    while True:
        page = await _history(site, one.id, role="operator", limit=1, cursor=cursor, direction="backward")
        backward = page["items"] + backward
        cursor = page["previous_cursor"]
        if cursor is None:
            break
    assert backward == whole


async def test_operators_get_message_ids_that_hold_no_phone(site: Site, world: World) -> None:
    one = one_of(world)
    shown = await _history(site, one.id, role="operator")
    assert "wamid" not in json.dumps(shown)
    assert "wamid" in json.dumps(await _history(site, one.id, role="admin"))


async def test_ending_publishes_one_event_and_repeats_give_the_same_answer(site: Site, world: World) -> None:
    one = one_of(world, status=1)
    path = f"/api/v1/conversations/{one.id}/end"
    headers = {**site.of("acme", "operator"), "Idempotency-Key": str(uuid4())}
    first = await site.client.post(path, headers=headers)
    again = await site.client.post(path, headers=headers)
    assert (first.status, again.status) == (202, 202)
    assert await first.json() == await again.json()
    (record,) = await site.outbox()
    decoded = decode_event(record.payload.encode())
    assert isinstance(decoded, DecodedEvent)
    assert isinstance(decoded.data, ConversationEnded)
    assert (record.topic, record.record_key, decoded.data.reason) == (EVENTS, one.thread_key, "operator")
    assert decoded.data.conversation_id == one.id
    assert decoded.data.by.kind == "human"
    assert record.headers["ce_type"] == "bitacora.conversation.ended.v1"
    assert record.headers["ce_id"] == str(decoded.id)
    # Without a key, or by somebody else: the same fact, so the same event id.
    await site.client.post(path, headers=site.of("acme"))
    records = await site.outbox()
    assert len(records) == 2
    assert len({json.loads(record.payload)["id"] for record in records}) == 1


async def test_an_idempotency_key_is_for_one_request_only(site: Site, world: World) -> None:
    open_ones = [each for each in world.seed.of(world.acme) if each.status == 1][:2]
    headers = {**site.of("acme"), "Idempotency-Key": str(uuid4())}
    statuses = [
        (await site.client.post(f"/api/v1/conversations/{each.id}/end", headers=headers)).status
        for each in open_ones
    ]
    assert statuses == [202, 422]


async def test_what_has_ended_cannot_be_ended(site: Site, world: World) -> None:
    one = one_of(world, status=2)
    answer = await site.client.post(f"/api/v1/conversations/{one.id}/end", headers=site.of("acme"))
    assert (answer.status, json.loads(await answer.text())["code"]) == (409, "already_ended")


@pytest.mark.parametrize("table", ["ops.audit_entry", "log.outbox", "ops.idempotency_key"])
async def test_an_end_that_cannot_be_kept_whole_leaves_nothing_to_publish(
    site: Site, world: World, table: str
) -> None:
    one = one_of(world, status=1)
    path = f"/api/v1/conversations/{one.id}/end"
    assert (await site.client.post(path, headers=site.of("other"))).status == 404
    headers = {**site.of("acme"), "Idempotency-Key": str(uuid4())}
    ends, records = await _ends(site, one.id), await site.outbox()
    async with _refusing_inserts(site, table):
        assert (await site.client.post(path, headers=headers)).status == 500
    assert (await _ends(site, one.id), await site.outbox()) == (ends, records)
    assert (await site.client.post(path, headers=headers)).status == 202, "the key is still free"
    assert (await _ends(site, one.id), len(await site.outbox())) == (ends + 1, len(records) + 1)


async def test_every_answer_carries_the_security_headers(site: Site) -> None:
    for path in ("/api/v1/conversations", "/api/v1/nothing", "/api/v1/openapi.json", "/sign-in"):
        answer = await site.client.get(path, headers=site.of("acme"))
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Request-ID"]


@asynccontextmanager
async def _refusing_inserts(site: Site, table: str) -> AsyncIterator[None]:
    """Whatever is inserted into the table is refused by the database for a while."""
    await site.pool.execute(
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'refused'; END $$"
    )
    await site.pool.execute(
        f"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION public.refuse()"
    )
    try:
        yield
    finally:
        await site.pool.execute("DROP FUNCTION public.refuse() CASCADE")


async def _history(
    site: Site,
    conversation_id: UUID,
    *,
    limit: int = 100,
    cursor: str | None = None,
    direction: str = "forward",
    role: str = "admin",
) -> dict[str, Any]:
    query = {"limit": str(limit), "direction": direction, **({"cursor": cursor} if cursor else {})}
    answer = await site.client.get(
        f"/api/v1/conversations/{conversation_id}/history", params=query, headers=site.of("acme", role)
    )
    assert answer.status == 200
    body: dict[str, Any] = await answer.json()
    return body


async def _ends(site: Site, conversation_id: UUID) -> int:
    async with site.pool.acquire() as conn:
        return int(
            await conn.fetchval(
                "SELECT count(*) FROM ops.audit_entry WHERE object_id = $1 AND action = 'conversation.end'",
                str(conversation_id),
            )
        )
