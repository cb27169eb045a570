"""Retention on a real PostgreSQL, under a worker that goes on: what goes, what holds a month, what stays right."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.chassis.health import Readiness
from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.processing import upkeep_of
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.rebuild.rebuilding import LogCutError, RebuildOptions, rebuild, verify
from services.ingest.settings import IngestSettings
from services.ingest.upkeep import retention
from services.ingest.upkeep.partitions import make_partitions
from services.ingest.upkeep.search_projector import mark_dirty, project_documents
from services.readmodel.history import find_history
from services.readmodel.rows import HistoryEntry
from tests.support import ingest
from tests.support.ingest_bench import Bench, bench
from tests.support.scenarios import NOON, Line

KEEP = 2
JULY = datetime(2026, 7, 15, tzinfo=UTC)
"""With two months kept beside it, March and April are over."""
MARCH, APRIL, MAY = 0.0, 40 * 1440.0, 75 * 1440.0
"""Minutes of `Line`, which begins on 2 March."""
PARTS = ("message_status", "message_revision", "message_reaction", "file")


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    return await project(conn, events, Rules())


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    async with pool.acquire() as conn:
        await make_partitions(conn, july)
    yield pool
    pool.terminate()


@pytest.fixture
async def worker(pool: Pool) -> AsyncIterator[Bench]:
    async with bench(pool, projections=Projections(fold, mark_dirty)) as worker:
        yield worker


def july() -> datetime:
    return JULY


async def tell(worker: Bench, *lines: Line) -> None:
    worker.append(*(event for line in lines for event in line.events))
    await worker.reached(worker.log.ends[next(iter(worker.log.ends))])


async def apply(pool: Pool) -> list[str]:
    async with pool.acquire() as conn:
        return [month.partition for month in await retention.apply(conn, KEEP, clock=july)]


async def held(pool: Pool) -> dict[str, str]:
    async with pool.acquire() as conn:
        planned = await retention.plan(conn, KEEP, clock=july)
    return {month.partition: month.held for month in planned if month.held is not None}


def episode(line: Line, at: float, *, end: bool = True) -> None:
    """A customer and a bot, with everything that hangs on messages."""
    name = f"{at:.0f}"
    line.customer(f"in-{name}", at, text=f"palabra{name}", picture=True)
    line.sent(f"out-{name}", at + 1)
    line.status(f"out-{name}", "delivered", at + 2)
    line.edited(f"out-{name}", at + 3, text="otra cosa")
    line.reacted(f"out-{name}", at + 4, emoji="👍")
    line.answered(f"ev-{name}", at + 5)
    if end:
        line.ended(at + 6)


async def count(pool: Pool, table: str, where: str = "true") -> int:
    found: int = await pool.fetchval(f"SELECT count(*) FROM {table} WHERE {where}")
    return found


async def test_a_month_goes_whole_and_the_conversation_keeps_what_was_counted(
    pool: Pool, worker: Bench
) -> None:
    line = Line()
    episode(line, MARCH)
    episode(line, MAY)
    await tell(worker, line)
    await pool.execute("UPDATE search.dirty SET first_at = now() - interval '2 hours'")
    async with pool.acquire() as conn:
        assert await project_documents(conn) == 2
    before = {table: await count(pool, table) for table in PARTS}
    listed = await pool.fetch("SELECT to_jsonb(c) AS line FROM conversation c ORDER BY conv_key")
    gone = await apply(pool)
    assert "message_2026_03" in gone
    assert "log.event_log_2026_03" in gone
    assert max(gone) < "message_2026_05"
    assert await pool.fetch("SELECT to_jsonb(c) AS line FROM conversation c ORDER BY conv_key") == listed
    assert await count(pool, "message") == 2
    assert before == dict.fromkeys(PARTS, 2)
    assert {table: await count(pool, table) for table in PARTS} == dict.fromkeys(PARTS, 1)
    assert await count(pool, "evaluation") == 2
    assert await count(pool, "search.conversation_document") == 1
    assert await count(pool, "log.event_log", "appended_at < '2026-05-01'") == 0
    recorded = await pool.fetch("SELECT partition FROM log.dropped_month ORDER BY dropped_id")
    assert [row["partition"] for row in recorded] == gone
    audited = await pool.fetch("SELECT object_id, actor FROM ops.audit_entry ORDER BY audit_id")
    assert [tuple(row) for row in audited] == [(name, "system") for name in gone]
    assert await apply(pool) == []


async def test_a_transcript_says_that_its_messages_went_and_the_others_say_nothing(
    pool: Pool, worker: Bench
) -> None:
    line = Line()
    episode(line, MARCH)
    line.started(APRIL)
    line.ended(APRIL + 1)
    episode(line, MAY)
    await tell(worker, line)
    told = [["started", "message", "message", "evaluation", "ended"], ["started", "ended"]]
    assert await transcripts(pool) == [*told, told[0]]
    await apply(pool)
    assert await transcripts(pool) == [["started", "expired", "evaluation", "ended"], told[1], told[0]]


async def transcripts(pool: Pool) -> list[list[str]]:
    """The kinds of entries in each conversation's transcript, oldest conversation first; read one entry at a time."""
    found: list[list[str]] = []
    async with pool.acquire() as conn:
        for row in await conn.fetch(
            "SELECT account_id, conversation_id FROM conversation ORDER BY started_at"
        ):
            kinds: list[str] = []
            cursor: str | None = None
            while True:
                page = await find_history(conn, *row, cursor=cursor, limit=1)
                assert page is not None
                kinds += [kind_of(entry) for entry in page.items]
                if (cursor := page.next_cursor) is None:
                    break
            found.append(kinds)
    return found


def kind_of(entry: HistoryEntry) -> str:
    kind: str = msgspec.to_builtins(entry)["kind"]
    return kind


async def test_a_month_is_held_by_a_conversation_that_is_open_or_was_alive_lately(
    pool: Pool, worker: Bench
) -> None:
    ended, open_, alive = (Line(f"551190000000{number}") for number in range(3))
    episode(ended, MARCH)
    episode(open_, MARCH, end=False)
    episode(alive, APRIL, end=False)
    alive.sent("late", MAY)
    alive.ended(MAY + 1)
    await tell(worker, ended, open_, alive)
    assert {name[-7:]: why for name, why in (await held(pool)).items()} == {
        "2026_03": "1 conversations of it are open or were alive after 2026-05",
        "2026_04": "1 conversations of it are open or were alive after 2026-05",
    }
    gone = await apply(pool)
    assert {name[-7:] for name in gone}.isdisjoint({"2026_03", "2026_04"})
    assert await count(pool, "message") == 7
    worker.append(open_.ended(MARCH + 60))
    await worker.reached(len(ended.events) + len(open_.events) + len(alive.events))
    assert await apply(pool) == ["message_2026_03", "log.event_log_2026_03"]


async def test_what_comes_late_for_a_month_that_is_gone_is_kept_once_and_stops_nothing(
    pool: Pool, worker: Bench
) -> None:
    line = Line()
    episode(line, MARCH)
    episode(line, MAY)
    await tell(worker, line)
    await apply(pool)
    worker.append(
        line.status("out-0", "read", MARCH + 20, appended=MAY + 30),
        line.edited("in-0", MARCH + 20, text="tarde", appended=MAY + 30),
        line.deleted("out-0", MARCH + 21, appended=MAY + 30),
        line.sent("answer", MARCH + 22, reply="in-0", appended=MAY + 30),
        *[line.linked(MAY + 31, ("external", "x1"))] * 2,
        line.customer("new", MAY + 40),
    )
    await worker.reached(worker.log.ends[next(iter(worker.log.ends))])
    late = await pool.fetchval("SELECT tableoid::regclass::text FROM message WHERE message_id = 'answer'")
    assert late == "message_default"
    assert await count(pool, "log.event_log_default") == 4
    assert await count(pool, "message", "message_id = 'new'") == 1
    async with pool.acquire() as conn:
        assert (
            await make_partitions(conn, july, behind=KEEP) == 0
        )  # or the month would come back, to be dropped again


async def test_ids_that_tell_no_month_go_by_the_time_when_kafka_took_them(pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO log.event_log SELECT 1, overlay(gen_random_uuid()::text PLACING 'f' FROM 1)::uuid, 1, n,"
        " CASE WHEN n <= 5000 THEN '2026-03-02' ELSE '2026-05-02' END::timestamptz, 't', '{}'"
        " FROM generate_series(1, 5003) n"
    )
    await pool.execute("INSERT INTO log.checkpoint (topic, partition) VALUES ('events', 0)")
    await apply(pool)
    assert await count(pool, "log.event_log") == 3
    assert await count(pool, "log.event_log", "appended_at < '2026-05-01'") == 0


async def test_ingest_and_readers_go_on_and_a_lock_that_cannot_be_had_is_left_for_later(
    pool: Pool, worker: Bench
) -> None:
    old, now = Line(), Line("5511900000009")
    episode(old, MARCH)
    await tell(worker, old)

    async def feed() -> None:
        for number in range(120):
            worker.append(now.customer(f"n{number}", MAY + number))
            await worker.reached(worker.log.ends[next(iter(worker.log.ends))])

    async with pool.acquire() as reader, asyncio.TaskGroup() as group:
        reading = reader.transaction()
        await reading.start()
        assert await reader.fetchval("SELECT count(*) FROM message") == 2
        assert await reader.fetchval("SELECT count(*) FROM log.event_log") == len(old.events)
        group.create_task(feed())
        assert await apply(pool) == []  # a reader holds both tables
        assert await reader.fetchval("SELECT count(*) FROM message WHERE message_id LIKE '%-0'") == 2
        await reading.commit()
        for _ in range(200):
            if "log.event_log_2026_03" in await apply(pool):
                break
            await asyncio.sleep(0.05)
    assert await count(pool, "message") == 120


async def test_a_rebuild_under_way_holds_everything_and_one_that_begins_after_a_cut_is_refused(
    pool: Pool, worker: Bench, database: str
) -> None:
    line = Line()
    episode(line, MARCH)
    episode(line, MAY)
    await tell(worker, line)
    await pool.execute("INSERT INTO log.rebuild_progress (stream_id) SELECT stream_id FROM log.checkpoint")
    assert set((await held(pool)).values()) == {"a rebuild is under way"}
    assert await apply(pool) == []
    await pool.execute("DELETE FROM log.rebuild_progress")
    async with pool.acquire() as conn:
        await conn.fetchval("SELECT pg_advisory_lock(hashtextextended('bitacora.rebuild', 0))")
        assert await apply(pool) == []
        await conn.fetchval("SELECT pg_advisory_unlock(hashtextextended('bitacora.rebuild', 0))")
    assert await apply(pool)
    for work in (rebuild, verify):
        with pytest.raises(LogCutError) as refused:
            await work(database, Rules(), RebuildOptions())
        assert refused.value.conversations == 1
        assert refused.value.before == datetime(2026, 4, 1, tzinfo=UTC)
    assert await count(pool, "conversation") == 2
    await rebuild(database, Rules(), RebuildOptions(accept_loss=True))
    assert await count(pool, "conversation") == 1


async def test_a_worker_that_leads_applies_the_policy_and_makes_no_month_that_is_not_kept(
    pool: Pool, worker: Bench, database: str
) -> None:
    line = Line()
    episode(line, MARCH)
    await tell(worker, line)
    await pool.execute("DELETE FROM log.outbox")  # nobody is there to publish it to
    settings = IngestSettings.model_validate({"postgres_dsn": database, "retention_months": KEEP})
    leaders = await create_pool(database, application_name="test", max_size=8)  # each job keeps a connection
    jobs = [asyncio.ensure_future(job) for job in upkeep_of(settings, leaders, Readiness())]
    try:
        for _ in range(600):
            if await count(pool, "log.dropped_month", "partition = 'log.event_log_2026_03'"):
                break
            await asyncio.sleep(0.05)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        leaders.terminate()
    assert await count(pool, "conversation") == 1
    assert await count(pool, "message") == 0
    made = await pool.fetch("SELECT relname FROM pg_class WHERE relname ~ '^message_[0-9_]+$' ORDER BY 1")
    oldest = retention.cut_of(datetime.now(UTC), KEEP)
    assert made[0]["relname"] == f"message_{oldest:%Y_%m}"


async def test_months_that_held_nothing_are_no_loss_to_a_rebuild(
    pool: Pool, worker: Bench, database: str
) -> None:
    line = Line()
    episode(line, MAY)
    await tell(worker, line)
    assert await apply(pool)
    assert (await verify(database, Rules(), RebuildOptions())).equal


def test_the_cut_counts_whole_months() -> None:
    assert retention.cut_of(datetime(2026, 1, 31, 23, tzinfo=UTC), 2) == datetime(2025, 11, 1, tzinfo=UTC)
    assert NOON + timedelta(minutes=APRIL) > datetime(2026, 4, 1, tzinfo=UTC)
