"""The writer on a real PostgreSQL, fed from a log in memory: fence, dead letters, repeats, faults."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import pytest
from bitacora_schemas.events.compose import EventRecord
from bitacora_schemas.events.message import MessageReceived

from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.breaker import Limits
from services.ingest.batch.transaction import (
    BreakerTrippedError,
    Projections,
)
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.source.protocol import Offset
from tests.support import ingest
from tests.support.checks.writing import LosesAnswers
from tests.support.ingest_bench import HERE, Bench, bench
from tests.support.memory_source import MemoryRecord, batch_of


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    yield pool
    pool.terminate()


async def test_events_reach_the_log_in_order_and_the_checkpoint_follows(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 230)
        await worker.reached(230)
        assert await worker.offsets() == list(range(230))
        row = await pool.fetchrow("SELECT * FROM log.event_log WHERE position = 17")
        assert row is not None
        assert row["type"] == "bitacora.message.received.v1"
        assert row["payload"].encode() == worker.log.records[HERE][17].value
        assert await pool.fetchval("SELECT topic_id FROM log.checkpoint") == UUID(int=7)


async def test_records_below_the_checkpoint_are_skipped(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 100)
        await worker.reached(100)
        records = worker.log.records[HERE]
        await worker.writer.put(batch_of(HERE, 0, 100, records))
        worker.fill(100, 1)
        await worker.reached(101)
        assert await worker.offsets() == list(range(101))


async def test_a_batch_that_starts_above_the_checkpoint_is_refused_and_read_again(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 50)
        await worker.reached(50)
        stray = MemoryRecord(Offset(90), *ingest.customer_message(90))
        await worker.writer.put(batch_of(HERE, 90, 91, [stray]))
        worker.fill(50, 50)
        await worker.reached(100)
        assert await worker.offsets() == list(range(100))


async def test_a_repeated_event_changes_nothing(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 60)
        worker.fill(0, 60)  # in the same batch or soon after: the recent ids know
        await worker.reached(120)
        assert len(await worker.offsets()) == 60
    async with bench(pool) as fresh:  # a worker that remembers nothing: the unique key knows
        fresh.fill(0, 60)
        fresh.fill(0, 60)
        fresh.fill(0, 60)
        fresh.fill(60, 10)
        await fresh.reached(190)
        assert len(await fresh.offsets()) == 70
    assert await pool.fetchval("SELECT count(*) FROM log.dead_letter") == 0


async def test_refused_records_are_kept_with_their_reasons_and_do_not_stop_others(pool: Pool) -> None:
    key, value = ingest.customer_message(1_000)
    async with bench(pool) as worker:
        worker.fill(0, 10)
        worker.log.append(key, b"{not json")
        worker.log.append(key, b"\xff\xfe")
        worker.log.append(b"another key", value)
        worker.log.append(key, None)
        worker.log.append(*ingest.customer_message(1_001, account="nobody"))
        worker.log.append(key, value.replace(b"hola", b"\\u0000"))
        worker.fill(10, 10)
        await worker.reached(26)
        assert len(await worker.offsets()) == 20
        assert await worker.refusals() == {
            "not_json": 2,
            "not_utf8": 1,
            "key_mismatch": 1,
            "unknown_account": 1,
            "unstorable_text": 1,
        }
        kept = await pool.fetchrow("SELECT * FROM log.dead_letter WHERE reason = 'key_mismatch'")
        assert kept is not None
        assert (kept["record_key"], kept["record_value"], kept["position"]) == (
            b"another key",
            value,
            12,
        )


async def test_an_account_made_while_the_worker_runs_is_known_at_its_first_event(
    pool: Pool, database: str
) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 5)
        await worker.reached(5)
        await ingest.add_account(database, "late")
        worker.fill(5, 5, account="late")
        await worker.reached(10)
        assert await worker.refusals() == {}


async def store_in_index(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    """A projector that puts the text of each message into an index, which refuses long ones."""
    for event in events:
        data = event.event.data
        assert isinstance(data, MessageReceived)
        await conn.execute(
            "INSERT INTO contact_identifier VALUES (1, $1, 'test', $2, $3)",
            f"{event.position} {data.message.plain_text}",
            str(event.position),
            uuid4(),
        )
    return ProjectionOutcome()


async def test_the_one_record_that_the_database_refuses_is_found_and_the_others_are_kept(pool: Pool) -> None:
    projections = Projections(store_in_index, ingest.mark_nothing)
    unindexable = "".join(uuid4().hex for _ in range(200))
    async with bench(pool, projections=projections) as worker:
        worker.fill(0, 33)
        worker.log.append(*ingest.customer_message(33, text=unindexable))
        worker.fill(34, 40)
        worker.log.append(*ingest.customer_message(74, text=unindexable))
        worker.fill(75, 5)
        await worker.reached(80)
        assert await worker.refusals() == {"unstorable_row": 2}
        assert await worker.offsets() == [number for number in range(80) if number not in (33, 74)]
        stored = await pool.fetch("SELECT value FROM contact_identifier")
        assert sorted(int(row["value"]) for row in stored) == await worker.offsets()
        detail = await pool.fetchval("SELECT detail FROM log.dead_letter LIMIT 1")
        assert detail == "ProgramLimitExceededError 54000"


async def test_a_lost_answer_to_commit_neither_loses_nor_doubles(pool: Pool) -> None:
    async with bench(pool, writer_class=LosesAnswers) as worker:
        worker.fill(0, 400)
        await worker.reached(400)
        assert await worker.offsets() == list(range(400))
        assert worker.writer.turns > 4  # type: ignore[attr-defined]  # the class under test


async def test_a_connection_that_dies_inside_a_transaction_is_waited_out(pool: Pool) -> None:
    deaths = iter([True, True, False, True])

    async def die_at_times(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
        if next(deaths, False):
            await conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return ProjectionOutcome()

    async with bench(pool, projections=Projections(die_at_times, ingest.mark_nothing)) as worker:
        worker.fill(0, 300)
        await worker.reached(300)
        assert await worker.offsets() == list(range(300))
        assert worker.readiness.ready


async def test_a_bug_ends_the_writer_and_moves_no_checkpoint(pool: Pool) -> None:
    async def stumble(_conn: Connection, _events: Sequence[LoggedEvent]) -> ProjectionOutcome:
        raise ZeroDivisionError

    async with bench(pool, projections=Projections(stumble, ingest.mark_nothing)) as worker:
        worker.fill(0, 10)
        assert isinstance(await worker.ended(), ZeroDivisionError)
    assert await pool.fetchval("SELECT next_offset FROM log.checkpoint") == 0
    assert await pool.fetchval("SELECT count(*) FROM log.event_log") == 0


async def test_too_many_refusals_in_a_row_stop_the_worker_also_after_a_restart(pool: Pool) -> None:
    limits = Limits(in_a_row=20, per_thousand=0)
    async with bench(pool, limits=limits) as worker:
        worker.fill(0, 5)
        for _ in range(15):
            worker.log.append(b"k", b"bad")
        await worker.reached(20)
        assert await worker.refusals() == {"not_json": 15}
        for _ in range(15):
            worker.log.append(b"k", b"bad")
        assert isinstance(await worker.ended(), BreakerTrippedError)

    def same_log(restarted: Bench) -> None:
        restarted.fill(0, 5)
        for _ in range(30):
            restarted.log.append(b"k", b"bad")

    async with bench(pool, limits=limits, prepare=same_log) as restarted:
        assert isinstance(await restarted.ended(), BreakerTrippedError)
    assert await pool.fetchval("SELECT count(*) FROM log.dead_letter") == 15


async def test_retention_that_passes_a_stopped_worker_halts_the_partition_with_its_range(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 20)
        await worker.reached(20)

    def cut_log(restarted: Bench) -> None:
        restarted.fill(0, 100)
        restarted.log.cut(0, 60)

    async with bench(pool, prepare=cut_log) as restarted:
        await asyncio.sleep(0.3)
        row = await pool.fetchrow("SELECT * FROM log.checkpoint")
        assert row is not None
        assert (row["halted_reason"], row["halted_from"], row["halted_to"]) == ("gap", 20, 60)
        await restarted.supervision.check()
        assert restarted.readiness.flags()["partitions"].reason == "halted: events/0"
        await pool.execute(
            "UPDATE log.checkpoint SET next_offset = 60, halted_reason = NULL, halted_from = NULL,"
            " halted_to = NULL, halted_at = NULL"
        )
        await restarted.supervision.check()
        await restarted.reached(100)
        await restarted.supervision.check()
        assert restarted.readiness.ready
        assert await restarted.offsets() == [*range(20), *range(60, 100)]


async def test_retention_that_passes_a_running_worker_halts_after_what_was_read_is_written(
    pool: Pool,
) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 20)
        await worker.reached(20)
        for number in range(20, 100):
            worker.log.ends[HERE] += 1
            if number >= 60:
                worker.log.records[HERE].append(
                    MemoryRecord(Offset(number), *ingest.customer_message(number))
                )
        worker.log.starts[HERE] = 60
        assert await worker.halted() == "gap"
        row = await pool.fetchrow("SELECT * FROM log.checkpoint")
        assert row is not None
        assert (row["halted_reason"], row["halted_from"], row["halted_to"]) == ("gap", 20, 60)
        assert await worker.offsets() == list(range(20))


async def test_a_hole_inside_the_log_is_read_twice_and_then_accepted(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 20)
        await worker.reached(20)
        worker.log.ends[HERE] = (
            30  # ten offsets that no record has: a compacted stretch, a transaction's markers
        )
        worker.fill(30, 10)
        await worker.reached(40)
        assert await worker.offsets() == [*range(20), *range(30, 40)]


async def test_a_topic_made_anew_halts_and_after_the_decision_nothing_is_missing(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 30)
        await worker.reached(30)
        worker.log.recreate(UUID(int=8))
        worker.fill(1_000, 80)
        assert await worker.halted() == "incarnation"
        await pool.execute(
            "UPDATE log.checkpoint SET next_offset = 0, topic_id = $1, halted_reason = NULL, halted_from = NULL,"
            " halted_to = NULL, halted_at = NULL",
            UUID(int=8),
        )
        await worker.supervision.check()
        await worker.reached(80)
        assert await pool.fetchval("SELECT count(*) FROM log.event_log") == 110


async def test_a_database_restored_to_an_older_state_catches_up_by_itself(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 50)
        await worker.reached(50)
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute("DELETE FROM log.event_log WHERE position >= 10")
            await conn.execute("UPDATE log.checkpoint SET next_offset = 10")
        await worker.supervision.check()  # nothing new arrives: only the periodic look can notice
        await worker.reached(50)
        assert await worker.offsets() == list(range(50))


async def test_an_emptied_database_is_filled_again_from_the_start_of_the_log(pool: Pool) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 50)
        await worker.reached(50)
        await pool.execute("TRUNCATE log.event_log, log.checkpoint RESTART IDENTITY")
        worker.fill(50, 5)
        await worker.reached(55)
        assert await worker.offsets() == list(range(55))


async def test_what_the_projections_decide_is_in_the_outbox_with_the_event(pool: Pool) -> None:
    async def decide(_conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
        return ProjectionOutcome(
            lifecycle=tuple(
                EventRecord(event.event.id, str(event.position), {"ce_type": "x"}, b"{}") for event in events
            )
        )

    async with bench(pool, projections=Projections(decide, ingest.mark_nothing)) as worker:
        worker.fill(0, 70)
        await worker.reached(70)
        rows = await pool.fetch("SELECT record_key, headers FROM log.outbox ORDER BY outbox_id")
        assert [row["record_key"] for row in rows] == [str(number) for number in range(70)]
        assert rows[0]["headers"] == {"ce_type": "x"}
