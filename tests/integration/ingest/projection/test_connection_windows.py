"""A connection's prelude window (docs/semantics.md §4): the one in force at the opening counts, live and in a rebuild alike."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.connection_windows import with_connections
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.rebuild.rebuilding import RebuildOptions, verify
from tests.support import ingest
from tests.support.ingest_bench import HERE, Bench, bench
from tests.support.scenarios import Line, minute

RULES = Rules(prelude_window=timedelta(minutes=60))
CONNECT = (
    "INSERT INTO ops.connection (account_id, connection_id, prelude_window_seconds) VALUES (1, 'wa-1', $1)"
)
ADOPTED = "SELECT message_id FROM message WHERE kind = 2 ORDER BY 1"


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    return await project(conn, events, await with_connections(conn, RULES))


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    yield pool
    pool.terminate()


async def tell(worker: Bench, line: Line) -> None:
    """Everything the line has that the log has not."""
    worker.append(*line.events[worker.log.ends[HERE] :])
    await worker.reached(len(line.events))


async def test_the_window_in_force_at_the_opening_counts_whatever_is_set_later(
    pool: Pool, database: str
) -> None:
    await pool.execute(CONNECT, 600)
    await pool.execute("UPDATE ops.prelude_window SET since = $1", minute(100))
    line = Line()
    async with bench(pool, projections=Projections(fold, ingest.mark_nothing)) as worker:
        line.hsm("w1", 10)
        line.customer("m1", 50)  # the installation's hour: the connection had set nothing yet
        line.ended(60)
        line.hsm("w2", 110)
        line.customer("m2", 130)  # its ten minutes are over
        line.ended(140)
        await tell(worker, line)
        assert await messages(pool) == ["w1"]
        await pool.execute("UPDATE ops.connection SET prelude_window_seconds = 7200")
        await pool.execute("UPDATE ops.prelude_window SET since = $1 WHERE seconds = 7200", minute(200))
        line.hsm("w3", 125, recorded=210)  # late: judged by what was in force at the opening of m2
        line.hsm("w4", 115, recorded=211)
        line.hsm("w5", 220)
        line.customer("m3", 300)
        await tell(worker, line)
        assert await messages(pool) == ["w1", "w3", "w5"]
        compared = await verify(database, RULES, RebuildOptions(batch=3))
        assert compared.events == len(line.events)
        assert [table.table for table in compared.tables if not table.equal] == []
    found = await pool.fetch("SELECT prelude_window_seconds FROM conversation ORDER BY conv_key")
    assert [row["prelude_window_seconds"] for row in found] == [None, 600, 7200]


async def test_a_change_is_in_force_a_minute_later_and_is_never_forgotten(pool: Pool) -> None:
    before = await pool.fetchval("SELECT clock_timestamp()")
    await pool.execute(CONNECT, 600)
    await pool.execute("UPDATE ops.connection SET prelude_window_seconds = 600, kind = 'canonical'")
    await pool.execute("UPDATE ops.connection SET prelude_window_seconds = NULL")
    async with pool.acquire() as conn:
        (windows,) = (await with_connections(conn, RULES)).connections.values()
    assert [each.window for each in windows] == [timedelta(minutes=10), None]
    assert all(each.since >= before + timedelta(minutes=1) for each in windows)


async def messages(pool: Pool) -> list[str]:
    return [row["message_id"] for row in await pool.fetch(ADOPTED)]
