"""What runs behind the log, on a real PostgreSQL: partitions, the outbox, idle conversations, who leads."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from aiokafka.errors import KafkaConnectionError
from bitacora_schemas.events.compose import EventRecord
from bitacora_schemas.events.conversation import ConversationEnded
from bitacora_schemas.events.decode import DecodedEvent, check_thread_key, decode_event
from bitacora_schemas.ids import conv_key, event_id_v8

from services.chassis.health import Readiness
from services.chassis.outbox import CHANNEL, add_to_outbox
from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.log.positions import Position
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.people.load import ContactsContendedError
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.upkeep.expired_rows import delete_expired
from services.ingest.upkeep.idle_sweeper import sweep
from services.ingest.upkeep.leader import Job, lead
from services.ingest.upkeep.outbox_relay import relay
from services.ingest.upkeep.partitions import make_partitions, months_around
from services.ingest.upkeep.publisher import OutgoingRecord, Publisher
from tests.support import ingest
from tests.support.ingest_bench import HERE, bench
from tests.support.scenarios import Line

MARCH = datetime(2026, 3, 15, tzinfo=UTC)


class FakePublisher(Publisher):
    """Keeps what it is given; fails when told to."""

    def __init__(self) -> None:
        self.records: list[OutgoingRecord] = []
        self.failing = False

    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        if self.failing:
            raise KafkaConnectionError
        self.records += records


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    return await project(conn, events, Rules())


REAL = Projections(fold, ingest.mark_nothing)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    yield pool
    pool.terminate()


async def test_events_and_messages_of_a_month_lie_in_its_partition(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert await make_partitions(conn, lambda: MARCH) == 2 * 16
        assert await make_partitions(conn, lambda: MARCH) == 0
    for month in (datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)):
        event_id = event_id_v8(["x", str(month)], month)
        await pool.execute("INSERT INTO log.event_log VALUES (1, $1, 1, 1, now(), 't', '{}')", event_id)
        place = await pool.fetchval(
            "SELECT tableoid::regclass::text FROM log.event_log WHERE event_id = $1", event_id
        )
        assert place == f"log.event_log_{month:%Y_%m}"
        key = conv_key(month, event_id)
        await pool.execute(
            "INSERT INTO message (account_id, conv_key, message_key, message_id, event_id, occurred_at, sort_at,"
            " position, kind, direction, sender_kind, plain_text)"
            " VALUES (1, $1, $2, 'm', $2, now(), now(), 1, 1, 1, 'customer', '')",
            key,
            event_id,
        )
        place = await pool.fetchval("SELECT tableoid::regclass::text FROM message WHERE conv_key = $1", key)
        assert place == f"message_{month:%Y_%m}"


async def test_an_id_of_other_making_goes_to_the_default_partition(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await make_partitions(conn, lambda: MARCH)
    stranger = UUID("6f0b1c1e-6d3a-4c55-9f0a-0c1f5b7d2a11")
    await pool.execute("INSERT INTO log.event_log VALUES (1, $1, 1, 1, now(), 't', '{}')", stranger)
    place = await pool.fetchval("SELECT tableoid::regclass::text FROM log.event_log")
    assert place == "log.event_log_default"


async def test_a_month_whose_rows_are_in_the_default_partition_already_is_left_there(pool: Pool) -> None:
    event_id = event_id_v8(["x"], MARCH)
    await pool.execute("INSERT INTO log.event_log VALUES (1, $1, 1, 1, now(), 't', '{}')", event_id)
    async with pool.acquire() as conn:
        assert await make_partitions(conn, lambda: MARCH) == 2 * 16 - 1


def test_months_reach_over_the_turn_of_the_year() -> None:
    months = months_around(datetime(2026, 1, 31, tzinfo=UTC), behind=1, ahead=1)
    assert [f"{month:%Y-%m}" for month in months] == ["2025-12", "2026-01", "2026-02", "2026-03"]


async def test_the_outbox_is_published_in_order_and_emptied_only_when_kafka_has_it(pool: Pool) -> None:
    for number in range(3):
        await pool.execute(
            "INSERT INTO log.outbox (topic, record_key, headers, payload) VALUES ('t', $1, $2, '{}')",
            f"k{number}",
            {"ce_type": "x"},
        )
    publisher = FakePublisher()
    publisher.failing = True
    async with pool.acquire() as conn:
        with pytest.raises(KafkaConnectionError):
            await relay(conn, publisher)
        assert await conn.fetchval("SELECT count(*) FROM log.outbox") == 3
        publisher.failing = False
        assert await relay(conn, publisher) == 3
        assert await conn.fetchval("SELECT count(*) FROM log.outbox") == 0
    assert [record.key for record in publisher.records] == [b"k0", b"k1", b"k2"]
    assert publisher.records[0].headers == {"ce_type": "x"}


async def test_an_idle_conversation_is_ended_by_an_event_and_a_second_sweep_says_the_same(pool: Pool) -> None:
    publisher = FakePublisher()
    async with bench(pool, projections=REAL) as worker:
        worker.fill(0, 3)
        await worker.reached(3)
        last = datetime.fromtimestamp(worker.log.records[HERE][2].timestamp / 1000, UTC)
        async with pool.acquire() as conn:
            soon = last + timedelta(seconds=59)
            later = last + timedelta(seconds=61)
            assert await sweep(conn, publisher, "events", idle_seconds=60, clock=lambda: soon) == 0
            assert await sweep(conn, publisher, "events", idle_seconds=0, clock=lambda: later) == 0
            assert await sweep(conn, publisher, "events", idle_seconds=60, clock=lambda: later) == 1
            assert await sweep(conn, publisher, "events", idle_seconds=60, clock=lambda: later) == 1
        first, second = publisher.records
        event = decode_event(first.value)
        check_thread_key(event, first.key)
        assert isinstance(event, DecodedEvent)
        assert isinstance(event.data, ConversationEnded)
        assert event.id == decode_event(second.value).id
        assert event.time == last + timedelta(seconds=60)
        for record in publisher.records:
            worker.log.append(record.key, record.value)
        await worker.reached(5)
        row = await pool.fetchrow("SELECT status, end_reason, end_by_kind FROM conversation")
        assert row is not None
        assert tuple(row) == (2, "timeout", "system")


async def test_a_conversation_without_a_message_is_idle_from_its_opening_on(pool: Pool) -> None:
    """docs/semantics.md §3 counts from the last message's append time; without one, the opening's stands in."""
    line = Line()
    opening = line.started(0, appended=7)
    publisher = FakePublisher()
    async with pool.acquire() as conn:
        await fold(conn, [opening])
        soon, later = (opening.appended_at + timedelta(seconds=seconds) for seconds in (59, 61))
        assert await sweep(conn, publisher, "events", idle_seconds=60, clock=lambda: soon) == 0
        assert await sweep(conn, publisher, "events", idle_seconds=60, clock=lambda: later) == 1
        event = decode_event(publisher.records[0].value)
        assert isinstance(event, DecodedEvent)
        assert event.attributes.causationid == str(opening.event.id)
        assert event.time == opening.appended_at + timedelta(seconds=60)
        await fold(conn, [LoggedEvent(1, event, 1, Position(1), later)])
        row = await conn.fetchrow("SELECT status, end_reason, ended_at FROM conversation")
        assert row is not None
        assert tuple(row) == (2, "timeout", event.time)
        assert await sweep(conn, publisher, "events", idle_seconds=60, clock=lambda: later) == 0


async def test_contacts_that_others_kept_merging_are_waited_out_by_the_writer(pool: Pool) -> None:
    failures = iter([True, True])

    async def contended(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
        if next(failures, False):
            raise ContactsContendedError
        return await fold(conn, events)

    async with bench(pool, projections=Projections(contended, ingest.mark_nothing)) as worker:
        worker.fill(0, 3)
        await worker.reached(3)
        assert await pool.fetchval("SELECT customer_count FROM conversation") == 3


async def test_a_time_out_that_a_message_overtook_in_the_log_changes_nothing(pool: Pool) -> None:
    publisher = FakePublisher()
    async with bench(pool, projections=REAL) as worker:
        worker.fill(0, 3)
        await worker.reached(3)
        async with pool.acquire() as conn:
            await sweep(conn, publisher, "events", idle_seconds=1)
        worker.fill(3, 1)
        worker.log.append(publisher.records[0].key, publisher.records[0].value)
        await worker.reached(5)
        assert await pool.fetchval("SELECT status FROM conversation") == 1


async def test_a_connection_s_own_time_out_wins_over_the_installation_s(pool: Pool) -> None:
    publisher = FakePublisher()
    await pool.execute(
        "INSERT INTO ops.connection (account_id, connection_id, idle_timeout_seconds) VALUES (1, 'wa-1', 0)"
    )
    async with bench(pool, projections=REAL) as worker:
        worker.fill(0, 3)
        await worker.reached(3)
        async with pool.acquire() as conn:
            assert await sweep(conn, publisher, "events", idle_seconds=60) == 0
            await conn.execute("UPDATE ops.connection SET idle_timeout_seconds = 30")
            assert await sweep(conn, publisher, "events", idle_seconds=10**9) == 1


async def test_one_worker_leads_and_another_takes_over_when_it_is_gone(pool: Pool) -> None:
    rounds: list[str] = []

    def job(name: str) -> Job:
        async def run(_conn: Connection) -> None:
            rounds.append(name)

        return run

    first = asyncio.create_task(lead(pool, "x", job("first"), every_seconds=0.01, readiness=Readiness()))
    await asyncio.sleep(0.3)
    second = asyncio.create_task(
        lead(pool, "x", job("second"), every_seconds=0.01, readiness=Readiness(), retry_seconds=0.05)
    )
    await asyncio.sleep(0.3)
    assert set(rounds) == {"first"}
    first.cancel()
    await asyncio.wait([first])
    await asyncio.sleep(0.5)
    second.cancel()
    await asyncio.wait([second])
    assert set(rounds) == {"first", "second"}


async def test_a_record_put_into_the_outbox_wakes_the_relay_at_once(pool: Pool) -> None:
    publisher = FakePublisher()
    looked = asyncio.Event()

    async def publish(conn: Connection) -> None:
        await relay(conn, publisher)
        looked.set()

    leading = asyncio.create_task(
        lead(pool, "x", publish, every_seconds=3_600, readiness=Readiness(), wake_on=CHANNEL)
    )
    async with asyncio.timeout(30):
        await looked.wait()
        looked.clear()
        async with pool.acquire() as conn, conn.transaction():
            await add_to_outbox(conn, "t", EventRecord(uuid4(), "k", {"ce_type": "x"}, b"{}"))
            assert not looked.is_set()
        await looked.wait()
    assert [record.key for record in publisher.records] == [b"k"]
    leading.cancel()
    await asyncio.wait([leading])


async def test_a_failing_job_makes_the_worker_unready_and_is_tried_again(pool: Pool) -> None:
    readiness = Readiness()
    turns = iter([ValueError(), None, None, None])

    async def job(_conn: Connection) -> None:
        if (error := next(turns, None)) is not None:
            raise error

    task = asyncio.create_task(
        lead(pool, "x", job, every_seconds=0.5, readiness=readiness, retry_seconds=0.3)
    )
    seen = []
    for pause in (0.15, 0.5):
        await asyncio.sleep(pause)
        seen.append(readiness.ready)
    assert seen == [False, True]
    task.cancel()
    await asyncio.wait([task])


async def test_rows_whose_time_is_over_are_deleted_in_batches_and_younger_ones_stay(pool: Pool) -> None:
    person = await pool.fetchval(
        "INSERT INTO ops.app_user (email, name) VALUES ('ana@example.com', 'Ana') RETURNING 1"
    )
    assert person == 1
    await pool.execute(
        "INSERT INTO ops.search_term (account_id, search_term_id, app_user_id, term, created_at)"
        " SELECT 1, 't' || n, 1, 'term', $1::timestamptz - make_interval(days => n) FROM generate_series(1, 60) AS n",
        MARCH,
    )
    await pool.execute(
        "INSERT INTO ops.idempotency_key (account_id, actor, key, request_hash, status, response, created_at)"
        " SELECT 1, 'user:1', 'k' || n, '', 202, '{}', $1::timestamptz - make_interval(days => n)"
        " FROM generate_series(1, 20) AS n",
        MARCH,
    )
    await pool.execute(
        "INSERT INTO ops.sign_in_token (token_hash, purpose, app_user_id, account_id, expires_at)"
        " SELECT sha256(n::text::bytea), 'link', 1, 1, $1::timestamptz - make_interval(days => n)"
        " FROM generate_series(1, 10) AS n",
        MARCH,
    )
    async with pool.acquire() as conn:
        assert await delete_expired(conn, clock=lambda: MARCH, batch=7) == 30 + 13 + 3
        assert await delete_expired(conn, clock=lambda: MARCH, batch=7) == 0
    assert await pool.fetchval("SELECT count(*) FROM ops.search_term") == 30
    assert await pool.fetchval("SELECT min(created_at) FROM ops.search_term") == MARCH - timedelta(days=30)
    assert await pool.fetchval("SELECT min(created_at) FROM ops.idempotency_key") == MARCH - timedelta(days=7)
    assert await pool.fetchval("SELECT min(expires_at) FROM ops.sign_in_token") == MARCH - timedelta(days=7)


async def test_what_is_over_is_deleted_by_one_worker_at_a_time(pool: Pool) -> None:
    """As all upkeep: whoever holds the lock does it, and gives it up with its connection."""
    rounds: list[str] = []
    enough = asyncio.Event()

    def job(name: str) -> Job:
        async def expire(conn: Connection) -> None:
            await delete_expired(conn)
            rounds.append(name)
            if len(rounds) == 10:
                enough.set()

        return expire

    first = asyncio.create_task(
        lead(pool, "expiry", job("first"), every_seconds=0.01, readiness=Readiness(), retry_seconds=0.01)
    )
    second = asyncio.create_task(
        lead(pool, "expiry", job("second"), every_seconds=0.01, readiness=Readiness(), retry_seconds=0.01)
    )
    try:
        await asyncio.wait_for(enough.wait(), 20)
    finally:
        for task in (first, second):
            task.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
    assert len(set(rounds)) == 1
