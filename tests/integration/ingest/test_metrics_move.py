"""Each metric of ingest moves when what it counts happens: a worker in pieces on a real PostgreSQL is driven there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest
from aiokafka import TopicPartition as ClientPartition
from aiokafka.errors import KafkaConnectionError
from bitacora_schemas.events.message import MessageReceived

from services.chassis.health import Readiness
from services.chassis.metrics import declared
from services.chassis.postgres import Connection, Pool, create_pool
from services.chassis.settings import KafkaSettings
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.source.aiokafka_source import AiokafkaSource
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Offset, TopicPartition
from services.ingest.upkeep import retention
from services.ingest.upkeep.expired_rows import delete_expired
from services.ingest.upkeep.idle_sweeper import sweep
from services.ingest.upkeep.leader import lead
from services.ingest.upkeep.outbox_relay import relay
from services.ingest.upkeep.partitions import make_partitions
from services.ingest.upkeep.publisher import OutgoingRecord, Publisher
from tests.support import ingest
from tests.support.ingest_bench import HERE, bench
from tests.support.memory_source import MemoryRecord, batch_of
from tests.support.metric_watch import MOVES, MetricWatch, moves

PREFIX = "bitacora_ingest_"
PATIENCE = 30.0


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    yield pool
    pool.terminate()


@pytest.fixture
def watch(request: pytest.FixtureRequest) -> Iterator[MetricWatch]:
    """After the test, what it promised must have moved."""
    watch = MetricWatch()
    yield watch
    watch.look()
    assert MOVES[request.node.name] - watch.moved == set()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  the condition is of the worker's making, it sets no event
            await asyncio.sleep(0.01)


@moves(
    "bitacora_ingest_batches_total",
    "bitacora_ingest_batch_records",
    "bitacora_ingest_decode_seconds",
    "bitacora_ingest_transaction_seconds",
    "bitacora_ingest_freshness_seconds",
    "bitacora_ingest_last_commit_timestamp_seconds",
    'bitacora_ingest_events_total{result="applied"}',
    'bitacora_ingest_events_total{result="unknown_type"}',
    'bitacora_ingest_events_total{result="repeated"}',
    'bitacora_ingest_events_total{result="refused"}',
    'bitacora_ingest_refusals_total{reason="not_json"}',
)
async def test_ordinary_work_is_counted(pool: Pool, watch: MetricWatch) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 20)
        worker.fill(0, 5)
        key, value = ingest.customer_message(50)
        worker.log.append(key, value.replace(b"bitacora.message.received.v1", b"bitacora.novelty.seen.v1"))
        worker.log.append(key, b"{not json")
        await worker.reached(27)


@moves(
    'bitacora_ingest_fence_total{result="skipped"}',
    'bitacora_ingest_fence_total{result="refused"}',
    'bitacora_ingest_fence_total{result="halted"}',
)
async def test_what_the_checkpoint_row_keeps_out_is_counted(pool: Pool, watch: MetricWatch) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 50)
        await worker.reached(50)
        await worker.writer.put(batch_of(HERE, 0, 50, worker.log.records[HERE]))
        await worker.writer.put(
            batch_of(HERE, 90, 91, [MemoryRecord(Offset(90), *ingest.customer_message(90))])
        )
        await until(lambda: counted(watch, "refused"))
        await pool.execute(
            "UPDATE log.checkpoint SET halted_reason = 'gap', halted_from = 50, halted_to = 60, halted_at = now()"
        )
        await worker.writer.put(
            batch_of(HERE, 50, 51, [MemoryRecord(Offset(50), *ingest.customer_message(51))])
        )
        await until(lambda: counted(watch, "halted"))


def counted(watch: MetricWatch, result: str) -> bool:
    watch.look()
    return f'bitacora_ingest_fence_total{{result="{result}"}}' in watch.moved


@moves(
    'bitacora_ingest_holes_total{result="read_again"}',
    'bitacora_ingest_holes_total{result="accept"}',
    'bitacora_ingest_holes_total{result="stop"}',
)
async def test_holes_are_counted_by_what_came_of_them(pool: Pool, watch: MetricWatch) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 20)
        await worker.reached(20)
        worker.log.ends[HERE] = 30  # offsets that no record has, as a transaction leaves them
        worker.fill(30, 10)
        await worker.reached(40)
        worker.log.starts[HERE] = 60  # retention has passed us while we were reading
        worker.log.records[HERE] = [MemoryRecord(Offset(60), *ingest.customer_message(60))]
        worker.log.ends[HERE] = 61
        await until(lambda: stopped(watch))


def stopped(watch: MetricWatch) -> bool:
    watch.look()
    return 'bitacora_ingest_holes_total{result="stop"}' in watch.moved


@moves('bitacora_ingest_redo_total{cause="repeats"}')
async def test_repeats_that_only_the_unique_key_knows_are_counted(pool: Pool, watch: MetricWatch) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 10)
        await worker.reached(10)
    async with bench(pool) as forgetful:
        forgetful.fill(0, 10)
        forgetful.fill(0, 10)
        await forgetful.reached(20)


@moves('bitacora_ingest_redo_total{cause="isolation"}', 'bitacora_ingest_redo_total{cause="transient"}')
async def test_batches_written_again_are_counted_by_cause(pool: Pool, watch: MetricWatch) -> None:
    deaths = iter([True])

    async def index(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
        """Dies once, and then puts each text into an index, which refuses long ones."""
        if next(deaths, False):
            await conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        for event in events:
            text = cast("MessageReceived", event.event.data).message.plain_text
            await conn.execute(
                "INSERT INTO contact_identifier VALUES (1, $1, 'test', $2, $3)",
                f"{event.position} {text}",
                str(event.position),
                uuid4(),
            )
        return ProjectionOutcome()

    async with bench(pool, projections=Projections(index, ingest.mark_nothing)) as worker:
        worker.fill(0, 5)
        long = "".join(uuid4().hex for _ in range(200))
        worker.log.append(*ingest.customer_message(5, text=long))
        await worker.reached(6)


@moves(
    'bitacora_ingest_lag_records{partition="0",topic="events"}',
    'bitacora_ingest_lag_seconds{partition="0",topic="events"}',
    'bitacora_ingest_halted{partition="0",topic="events"}',
    "bitacora_ingest_stalled_seconds",
    "bitacora_ingest_queue_records",
    "bitacora_ingest_dead_letters_open",
    "bitacora_ingest_outbox_seconds",
)
async def test_what_waits_is_shown_and_shown_no_more_once_it_does_not(pool: Pool, watch: MetricWatch) -> None:
    async with bench(pool) as worker:
        worker.fill(0, 10)
        worker.log.append(b"k", b"{not json")
        await worker.reached(11)
        await pool.execute(
            "INSERT INTO log.outbox (topic, record_key, payload, created_at)"
            " VALUES ('t', 'k', '{}', now() - interval '90 seconds')"
        )
        async with pool.acquire() as blocker, blocker.transaction():
            await blocker.execute("SELECT FROM log.checkpoint FOR UPDATE")
            worker.fill(20, 300)
            await until(lambda: worker.writer._queue.records > 0)
            await worker.supervision.check()
            await asyncio.sleep(0.05)
            await worker.supervision.check()
            watch.look()
        await worker.reached(311)
        await pool.execute(
            "UPDATE log.checkpoint SET halted_reason = 'gap', halted_from = 1, halted_to = 2, halted_at = now()"
        )
        await worker.supervision.check()
        watch.look()
        worker.source.assignment = frozenset[TopicPartition]  # type: ignore[method-assign]  # all partitions leave
        await worker.supervision.check()
        assert not [name for name in shown() if "bitacora_ingest_halted{" in name]
        assert not [name for name in shown() if "bitacora_ingest_lag" in name and "{" in name]


def shown() -> set[str]:
    watch = MetricWatch()
    return set(watch._before)


class FakePublisher(Publisher):
    """Takes everything."""

    def __init__(self) -> None:
        """Needs no settings."""

    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        """Done at once."""


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    return await project(conn, events, Rules())


@moves(
    "bitacora_ingest_outbox_published_total",
    "bitacora_ingest_timeouts_published_total",
    'bitacora_ingest_swept_rows_total{table="idempotency_key"}',
)
async def test_what_runs_behind_the_log_is_counted(pool: Pool, watch: MetricWatch) -> None:
    publisher = FakePublisher()
    async with bench(pool, projections=Projections(fold, ingest.mark_nothing)) as worker:
        worker.fill(0, 3)
        await worker.reached(3)
        await pool.execute(
            "INSERT INTO ops.idempotency_key (account_id, actor, key, request_hash, status, response, created_at)"
            " VALUES (1, 'user:1', 'k', '', 202, '{}', now() - interval '8 days')"
        )
        async with pool.acquire() as conn:
            assert await relay(conn, publisher) > 0
            assert await sweep(conn, publisher, "events", idle_seconds=1) == 1
            assert await delete_expired(conn) == 1


@moves("bitacora_ingest_retention_held_partitions", "bitacora_ingest_retention_dropped_bytes_total")
async def test_months_that_go_and_months_that_are_held_are_counted(pool: Pool, watch: MetricWatch) -> None:
    def july() -> datetime:
        return datetime(2026, 7, 15, tzinfo=UTC)

    async with pool.acquire() as conn:
        await make_partitions(conn, july)
    async with bench(pool, projections=Projections(fold, ingest.mark_nothing)) as worker:
        worker.fill(0, 3)  # a conversation of March that is open
        await worker.reached(3)
        async with pool.acquire() as conn:
            assert await retention.apply(conn, 2, clock=july)


@moves(
    'bitacora_ingest_upkeep_rounds_total{result="done",upkeep="x"}',
    'bitacora_ingest_upkeep_rounds_total{result="waits",upkeep="x"}',
    'bitacora_ingest_upkeep_rounds_total{result="failed",upkeep="x"}',
)
async def test_rounds_of_upkeep_are_counted_by_result(pool: Pool, watch: MetricWatch) -> None:
    turns = iter([None, KafkaConnectionError(), ZeroDivisionError()])
    over = asyncio.Event()

    async def job(_conn: Connection) -> None:
        turn = next(turns, StopIteration)
        if turn is StopIteration:
            over.set()
        elif isinstance(turn, Exception):
            raise turn

    task = asyncio.create_task(
        lead(pool, "x", job, every_seconds=0.01, readiness=Readiness(), retry_seconds=0.01)
    )
    await asyncio.wait_for(over.wait(), PATIENCE)
    task.cancel()
    await asyncio.wait([task])


class StraddledConsumer:
    """A client whose fetch answers after the group has taken its partitions and given it others."""

    def __init__(self, source: AiokafkaSource) -> None:
        self._source = source

    def assignment(self) -> set[ClientPartition]:
        return {ClientPartition(*HERE)}

    async def getmany(self, **_limits: int) -> dict[ClientPartition, list[MemoryRecord]]:
        await self._source.revoked([HERE])
        self._source.assigned([HERE])
        return {ClientPartition(*HERE): [MemoryRecord(Offset(0), *ingest.customer_message(0))]}

    def seek(self, partition: ClientPartition, offset: int) -> None:
        """Nothing to seek."""

    def resume(self, partition: ClientPartition) -> None:
        """Nothing was paused."""

    async def commit(self, offsets: Any) -> None:
        """Kept by nobody."""


@moves(
    "bitacora_ingest_unreads_total",
    "bitacora_ingest_rebalances_total",
    "bitacora_ingest_rebalance_seconds",
    "bitacora_ingest_partitions",
)
async def test_a_fetch_that_a_rebalance_came_between_and_the_rebalance_are_counted(
    pool: Pool, watch: MetricWatch
) -> None:
    async with bench(pool) as worker:
        options = SourceOptions(topic="events", group="g", kafka=KafkaSettings())
        source = AiokafkaSource(options, worker.writer)
        consumer: Any = StraddledConsumer(source)
        source._consumer = consumer
        source.assigned([HERE, TopicPartition("events", 1)])
        watch.look()
        assert await source._read_once(consumer) == 0
        await source._place(consumer)


def test_every_metric_of_ingest_is_moved_by_one_of_these() -> None:
    promised = {name.partition("{")[0] for names in MOVES.values() for name in names}
    assert {each.name for each in declared() if each.name.startswith(PREFIX)} - promised == set()
