"""Borders of months and partitions that are missing: nothing is lost, nothing is doubled, nothing stands still."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.upkeep.partitions import make_partitions
from tests.support import ingest
from tests.support.ingest_bench import HERE, Bench, bench
from tests.support.scenarios import NOON, Line, minute

LAST_OF_MARCH = (datetime(2026, 3, 31, 23, 59, tzinfo=UTC) - NOON).total_seconds() / 60
APRIL = LAST_OF_MARCH + 5
SEPTEMBER = LAST_OF_MARCH + 160 * 1440
OCTOBER = LAST_OF_MARCH + 190 * 1440
STRANGER = UUID("6f0b1c1e-6d3a-4c55-9f0a-0c1f5b7d2a11")


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    return await project(conn, events, Rules())


LIVE = Projections(fold, ingest.mark_nothing)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    async with pool.acquire() as conn:
        await make_partitions(conn, lambda: NOON)
    yield pool
    pool.terminate()


async def places(pool: Pool, table: str = "log.event_log") -> list[str]:
    """The partition of each row."""
    rows = await pool.fetch(f"SELECT tableoid::regclass::text AS place FROM {table} ORDER BY 1")
    return [row["place"] for row in rows]


async def tell(pool: Pool, *events: LoggedEvent) -> None:
    """By a worker that remembers nothing: only the database can know what it has seen."""
    done = await pool.fetchval("SELECT next_offset FROM log.checkpoint") or 0

    def tell_behind(worker: Bench) -> None:
        worker.log.ends[HERE] = done
        worker.append(*events)

    async with bench(pool, projections=LIVE, prepare=tell_behind) as worker:
        await worker.reached(done + len(events))


async def test_an_event_that_comes_again_after_the_month_turned_is_the_same_event(pool: Pool) -> None:
    line = Line()
    first = line.customer("m1", LAST_OF_MARCH)
    await tell(pool, first)
    again = msgspec.structs.replace(first, appended_at=minute(APRIL))
    await tell(pool, again, line.customer("m2", APRIL), again)
    assert await places(pool) == ["log.event_log_2026_03", "log.event_log_2026_04"]
    assert await places(pool, "message") == [
        "message_2026_03",
        "message_2026_03",
    ]  # by the conversation's start


async def test_the_same_id_under_another_time_is_still_the_same_event(pool: Pool) -> None:
    """A source that told a fact in March tells it in April with its clock set otherwise."""
    line, other = Line(), Line()
    first = line.customer("m1", LAST_OF_MARCH)
    await tell(pool, first)
    await tell(pool, other.customer("m1", APRIL, event_id=first.event.id))
    assert await places(pool) == ["log.event_log_2026_03"]
    assert await pool.fetchval("SELECT customer_count FROM conversation") == 1


async def test_an_id_of_other_making_is_known_again_in_another_month(pool: Pool) -> None:
    line, other = Line(), Line()
    await tell(pool, line.customer("m1", LAST_OF_MARCH, event_id=STRANGER))
    await tell(pool, other.customer("m1", APRIL, event_id=STRANGER))
    assert await places(pool) == ["log.event_log_default"]
    assert await pool.fetchval("SELECT customer_count FROM conversation") == 1


async def test_a_message_told_by_another_event_in_another_month_stands_once(pool: Pool) -> None:
    line, other = Line(), Line()
    await tell(pool, line.customer("m1", LAST_OF_MARCH), line.ended(LAST_OF_MARCH + 1))
    await tell(pool, other.customer("m1", APRIL))
    assert await places(pool) == ["log.event_log_2026_03", "log.event_log_2026_04", "log.event_log_2026_04"]
    assert await pool.fetchval("SELECT count(*) FROM message") == 1
    assert await pool.fetchval("SELECT count(*) FROM conversation") == 1


async def test_months_without_a_sweeper_cost_order_and_no_event(pool: Pool) -> None:
    line = Line()
    told = [line.customer("m1", SEPTEMBER), line.sent("m2", SEPTEMBER + 1), line.ended(SEPTEMBER + 2)]
    await tell(pool, *told)
    await tell(pool, *told)  # and what comes again is known
    assert await places(pool) == ["log.event_log_default"] * 3
    assert await places(pool, "message") == ["message_default"] * 2
    async with pool.acquire() as conn:
        made = await make_partitions(conn, lambda: minute(SEPTEMBER))
        assert (
            made == 2 * 16 - 2 * 10 - 2
        )  # those made before, and the month whose rows are in the default partition
        assert await make_partitions(conn, lambda: minute(SEPTEMBER)) == 0
    await tell(pool, line.customer("m3", SEPTEMBER + 60), line.customer("m4", OCTOBER, appended=OCTOBER))
    assert (await places(pool)).count("log.event_log_default") == 4
    assert (await places(pool)).count("log.event_log_2026_10") == 1
    assert await pool.fetchval("SELECT sum(customer_count) FROM conversation") == 3


async def test_a_writer_in_the_way_makes_a_partition_wait_and_not_the_writer(pool: Pool) -> None:
    async with pool.acquire() as writer, pool.acquire() as conn, asyncio.timeout(60):
        await conn.execute("DROP TABLE log.event_log_2026_06")
        writing = writer.transaction()
        await writing.start()
        await writer.execute("INSERT INTO log.event_log VALUES (1, $1, 1, 1, now(), 't', '{}')", STRANGER)
        assert await make_partitions(conn, lambda: NOON) == 0
        await writer.execute("INSERT INTO log.event_log VALUES (2, $1, 1, 2, now(), 't', '{}')", STRANGER)
        await writing.commit()
        assert await make_partitions(conn, lambda: NOON) == 1
