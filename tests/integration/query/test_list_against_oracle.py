"""Every filter, order and page of the list against the same question asked of all rows in Python."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, timedelta
from typing import Any

import pytest

from services.analysis.words import fold_word
from services.chassis.postgres import Connection
from services.readmodel.conversations import count_conversations, find_page
from services.readmodel.filters import BadFilter, ConversationFilter, parse_filter, prepare_filter
from services.readmodel.summaries import find_facets, find_histogram
from tests.integration.query.conftest import World
from tests.support.query_site import Site
from tests.support.seed import NOW, Seeded

Question = dict[str, list[str]]
QUESTIONS: tuple[tuple[Question, Callable[[Seeded], bool]], ...] = (
    ({}, lambda _: True),
    ({"chatbot": ["orders"]}, lambda c: c.chatbot_id == "orders"),
    ({"chatbot_version": ["0", "2"]}, lambda c: c.chatbot_version in ("0", "2")),
    ({"chatbot": ["orders", "billing"]}, lambda c: c.chatbot_id in ("orders", "billing")),
    ({"channel": ["webchat,instagram"]}, lambda c: c.channel in ("webchat", "instagram")),
    ({"environment": ["testing"]}, lambda c: c.environment == 2),
    ({"environment": ["all"]}, lambda _: True),
    ({"status": ["open"]}, lambda c: c.status == 1),
    ({"status": ["open", "ended"]}, lambda _: True),
    ({"assistant": ["bot-b"]}, lambda c: "bot-b" in c.assistants),
    ({"assistant": ["bot-a", "bot-c"]}, lambda c: {"bot-a", "bot-c"} & set(c.assistants) != set()),
    ({"label": ["vip"]}, lambda c: "vip" in c.labels),
    ({"label": ["vip", "reclamo"]}, lambda c: {"vip", "reclamo"} & set(c.labels) != set()),
    ({"label": ["nadie"]}, lambda _: False),
    ({"metric": ["nps"], "score_max": ["6"]}, lambda c: c.nps is not None and c.nps <= 6),
    ({"metric": ["csat"], "score_min": ["4"]}, lambda c: c.csat is not None and c.csat >= 4),
    ({"score_min": ["9"]}, lambda c: (c.nps or 0) >= 9 or (c.csat or 0) >= 9),
    ({"metric": ["nps"]}, lambda c: c.nps is not None),
    ({"has": ["score"]}, lambda c: c.nps is not None or c.csat is not None),
    ({"has": ["comment,transferred"]}, lambda c: c.has_comment and c.transferred),
    ({"has": ["files"]}, lambda c: c.has_files),
    ({"has": ["template"]}, lambda c: c.started_by_template),
    ({"end_reason": ["timeout", "operator"]}, lambda c: c.end_reason in ("timeout", "operator")),
    ({"q": ["joao"]}, lambda c: "joao" in c.search),
    ({"q": ["MARÍA gomez"]}, lambda c: "maria" in c.search and "gomez" in c.search),
    ({"q": ["persona1"]}, lambda c: "persona1" in c.search),
    ({"q": ["C-1010"]}, lambda c: "c-1010" in c.search),
    ({"q": ["100%"]}, lambda c: "100%" in c.search),
    ({"q": ["+55 (11) 90000-0012"]}, lambda c: c.phone == "+5511900000012"),
    ({"q": ["0011 90000 0012"]}, lambda c: c.phone == "+5511900000012"),
    ({"q": ["11 0000-0012"]}, lambda c: c.phone == "+5511900000012"),
    ({"text": ["ligacao"]}, lambda c: any("ligacao" in fold_word(text) for text in c.texts)),
    ({"from": ["2026-02-01"], "to": ["2026-02-15T12:30"], "timezone": ["UTC"]},
     lambda c: "2026-02-01" <= c.started_at.isoformat() < "2026-02-15T12:30"),
    ({"from": ["2026-02-10"], "period_of": ["ended"], "timezone": ["UTC"]},
     lambda c: c.ended_at is not None and c.ended_at.isoformat() >= "2026-02-10"),
    ({"to": ["2026-02-10"], "period_of": ["activity"], "timezone": ["UTC"]},
     lambda c: c.last_activity_at is not None and c.last_activity_at.isoformat() < "2026-02-10"),
    ({"status": ["ended"], "channel": ["whatsapp"], "metric": ["csat"], "score_max": ["2"],
      "environment": ["production"]},
     lambda c: c.status == 2 and c.channel == "whatsapp" and c.environment == 1 and (c.csat or 9) <= 2),
)  # fmt: skip


@pytest.mark.parametrize(("question", "matches"), QUESTIONS, ids=[str(each) for each, _ in QUESTIONS])
@pytest.mark.parametrize("sort", ["started", "activity"])
async def test_pages_count_and_facets_say_what_python_says(
    site: Site, world: World, question: Question, matches: Callable[[Seeded], bool], sort: str
) -> None:
    if "text" in question:
        # Only the newest 300 conversations without a document are read; the projector has not run here.
        newest = {each.key for each in world.seed.of(world.acme)[:300]}
        expected = [each for each in world.seed.of(world.acme) if each.key in newest and matches(each)]
    else:
        expected = [each for each in world.seed.of(world.acme) if matches(each)]
    wanted = parse_filter({**question, "sort": [sort]}, timezone="America/Sao_Paulo")
    async with site.pool.acquire() as conn:
        fragment = await prepare_filter(conn, world.acme, wanted)
        found = [each async for each in _walk(conn, wanted, fragment, limit=37)]
        count = await count_conversations(conn, fragment)
        facets = await find_facets(conn, fragment)
    assert found == [str(each.id) for each in _sorted(expected, sort)]
    assert (count.value, count.exact) == (len(expected), True)
    by_channel = {value.value: value.count for value in facets["channels"]}
    assert by_channel == _tally(each.channel for each in expected)
    by_bot = {value.value: value.count for value in facets["assistants"]}
    assert by_bot == _tally(bot for each in expected for bot in each.assistants)
    by_label = {value.value: value.count for value in facets["labels"]}
    assert by_label == _tally(label for each in expected for label in each.labels)


async def test_random_mixtures_of_filters_agree_with_python(site: Site, world: World) -> None:
    rng = random.Random(7)
    simple = [each for each in QUESTIONS if "text" not in each[0] and "from" not in each[0]]
    async with site.pool.acquire() as conn:
        for _ in range(60):
            chosen = rng.sample(simple, 2)
            question: Question = {}
            for each, _ in chosen:
                question |= each
            if len(question) < sum(len(each) for each, _ in chosen):
                continue  # two answers to one parameter: another question
            wanted = parse_filter(question, timezone="UTC")
            fragment = await prepare_filter(conn, world.acme, wanted)
            found = [each async for each in _walk(conn, wanted, fragment, limit=100)]
            expected = [c for c in world.seed.of(world.acme) if all(matches(c) for _, matches in chosen)]
            assert found == [str(each.id) for each in expected], question


async def test_a_pasted_id_finds_its_conversation_and_no_other_accounts(site: Site, world: World) -> None:
    mine, theirs = world.seed.of(world.acme)[5], world.seed.of(world.other)[5]
    async with site.pool.acquire() as conn:
        for one, expected in ((mine, [str(mine.id)]), (theirs, [])):
            wanted = ConversationFilter(q=f" {str(one.id).upper()} ")
            fragment = await prepare_filter(conn, world.acme, wanted)
            assert [each async for each in _walk(conn, wanted, fragment, limit=9)] == expected


async def test_a_number_nobody_has_falls_back_to_its_last_eight_digits(site: Site, world: World) -> None:
    wanted = ConversationFilter(q="+54 9 351 0000-0012")
    async with site.pool.acquire() as conn:
        fragment = await prepare_filter(conn, world.acme, wanted)
        found = [each async for each in _walk(conn, wanted, fragment, limit=50)]
    assert found == [str(c.id) for c in world.seed.of(world.acme) if c.phone == "+5511900000012"]


async def test_the_histogram_adds_up_to_the_count(site: Site, world: World) -> None:
    for question in ({}, {"channel": ["whatsapp"]}, {"from": ["2026-02-20"], "to": ["2026-02-27"]}):
        wanted = parse_filter(question, timezone="America/Sao_Paulo")
        async with site.pool.acquire() as conn:
            fragment = await prepare_filter(conn, world.acme, wanted)
            count = await count_conversations(conn, fragment)
            found = await find_histogram(conn, wanted, fragment, timezone="America/Sao_Paulo", now=NOW)
        assert found.unit == "day"
        assert sum(bucket.count for bucket in found.buckets) == count.value
        assert all(bucket.end - bucket.start == timedelta(days=1) for bucket in found.buckets)
        assert found.buckets[0].start.astimezone(UTC).hour == 3


async def test_a_cursor_of_another_order_is_refused(site: Site, world: World) -> None:
    async with site.pool.acquire() as conn:
        wanted = ConversationFilter()
        fragment = await prepare_filter(conn, world.acme, wanted)
        page = await find_page(conn, wanted, fragment, limit=5)
        with pytest.raises(BadFilter) as refused:
            await find_page(conn, ConversationFilter(sort="activity"), fragment, cursor=page.next_cursor)
    assert (refused.value.parameter, refused.value.code) == ("cursor", "bad_cursor")


async def _walk(conn: Connection, wanted: ConversationFilter, fragment: Any, *, limit: int) -> Any:
    cursor = None
    while True:
        page = await find_page(conn, wanted, fragment, limit=limit, cursor=cursor)
        for item in page.items:
            yield str(item.id)
        cursor = page.next_cursor
        if cursor is None:
            return


def _sorted(found: Sequence[Seeded], sort: str) -> list[Seeded]:
    if sort == "started":
        return sorted(found, key=lambda each: -each.key)
    with_activity = [each for each in found if each.last_activity_at is not None]
    without = [each for each in found if each.last_activity_at is None]
    return [
        *sorted(with_activity, key=lambda each: (each.last_activity_at, each.key), reverse=True),
        *sorted(without, key=lambda each: -each.key),
    ]


def _tally(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts
