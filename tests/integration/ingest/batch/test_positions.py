"""Offsets that come a second time: the log counts on, and a replay tells the story in the order in which it was lived."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from cli.halts import SQL as DECISIONS
from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.rebuild.rebuilding import verify
from tests.support import ingest
from tests.support.ingest_bench import HERE, Bench, bench

IN_TRANSCRIPT_ORDER = """
    SELECT plain_text FROM projection.message
    ORDER BY sort_at, coalesce(sequence, '') COLLATE "C", position, message_key"""


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    yield pool
    pool.terminate()


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    return await project(conn, events, Rules())


PROJECTIONS = Projections(fold, ingest.mark_nothing)


def say(worker: Bench, first: int, count: int, *, second: int | None = None) -> None:
    """Messages of one customer whose texts are their numbers; all in one second, where that is given."""
    for number in range(first, first + count):
        key, value = ingest.customer_message(number, text=f"{number:03d}")
        if second is not None:
            _, twin = ingest.customer_message(second)
            value = value.replace(_time_of(value), _time_of(twin))
        worker.log.append(key, value)


def _time_of(value: bytes) -> bytes:
    return value.partition(b'"time":"')[2].partition(b'"')[0]


async def texts(pool: Pool) -> list[int]:
    return [int(row["plain_text"]) for row in await pool.fetch(IN_TRANSCRIPT_ORDER)]


async def decide(pool: Pool, worker: Bench, *values: object, by: str) -> None:
    assert await pool.fetchval(DECISIONS[by], *HERE, *values) is not None
    await worker.supervision.check()


async def test_a_topic_made_anew_is_logged_and_replayed_behind_its_predecessor(
    pool: Pool, database: str
) -> None:
    async with bench(pool, projections=PROJECTIONS) as worker:
        say(worker, 0, 30, second=5)
        worker.log.append(b"some key", b"{not json")
        await worker.reached(31)
        worker.log.recreate(UUID(int=8))
        assert await worker.halted() == "incarnation"
        await decide(pool, worker, 0, UUID(int=8), by="accept_incarnation")
        worker.log.append(b"some key", b"{not json")
        say(worker, 100, 20, second=5)
        say(worker, 10, 10, second=5)  # sent again from the first one
        await worker.reached(31)
        say(worker, 120, 5, second=5)
        await worker.reached(36)
    assert await texts(pool) == [*range(30), *range(100, 125)]
    positions = await pool.fetch("SELECT position FROM log.event_log ORDER BY position")
    assert [row["position"] for row in positions] == [*range(30), *range(32, 52), *range(62, 67)]
    letters = await pool.fetch("SELECT topic_id, position FROM log.dead_letter ORDER BY position")
    assert [tuple(row) for row in letters] == [(UUID(int=7), 30), (UUID(int=8), 31)]
    replayed = await verify(database, Rules())
    assert replayed.events == 55
    assert replayed.equal


async def test_what_fills_a_truncated_log_again_is_logged_behind_what_was_lost_from_it(
    pool: Pool, database: str
) -> None:
    async with bench(pool, projections=PROJECTIONS) as worker:
        say(worker, 0, 20, second=5)
        worker.log.append(b"some key", b"{not json")
        say(worker, 20, 9, second=5)
        await worker.reached(30)
        worker.log.records[HERE] = worker.log.records[HERE][:15]
        worker.log.ends[HERE] = 15
        assert await worker.halted() == "truncated"
        await decide(pool, worker, by="accept_gap")
        say(worker, 100, 5, second=5)
        worker.log.append(b"some key", b"{not json")  # at the offset of the first one
        say(worker, 105, 5, second=5)
        await worker.reached(26)
    assert await texts(pool) == [*range(29), *range(100, 110)]
    letters = await pool.fetch("SELECT position FROM log.dead_letter ORDER BY position")
    assert [row["position"] for row in letters] == [20, 35]
    assert (await verify(database, Rules())).equal


async def test_a_worker_that_starts_after_the_decision_goes_on_where_the_log_stands(
    pool: Pool, database: str
) -> None:
    async with bench(pool, projections=PROJECTIONS) as worker:
        say(worker, 0, 30)
        await worker.reached(30)
        worker.log.recreate(UUID(int=8))
        assert await worker.halted() == "incarnation"
    await pool.fetchval(DECISIONS["accept_incarnation"], *HERE, 0, UUID(int=8))

    def second_life(restarted: Bench) -> None:
        restarted.log.recreate(UUID(int=8))
        say(restarted, 100, 10)

    async with bench(pool, projections=PROJECTIONS, prepare=second_life) as restarted:
        await restarted.reached(10)
        say(restarted, 110, 10)
        await restarted.reached(20)
        await restarted.supervision.check()
        assert restarted.writer.committed() == {HERE: 20}
    assert await texts(pool) == [*range(30), *range(100, 120)]
    assert (await verify(database, Rules())).equal
