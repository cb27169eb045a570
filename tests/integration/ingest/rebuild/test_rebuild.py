"""A rebuild on a real PostgreSQL: the same tables come out, whatever happens meanwhile."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import asyncpg
import pytest
from bitacora_producer import Producer

from demo.cast import make_customer
from demo.traffic import past_happenings
from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.rebuild import rebuilding
from services.ingest.rebuild.rebuilding import RebuildOptions, RebuildRunsError, rebuild, verify
from services.ingest.rebuild.replay import Progress
from services.ingest.rebuild.shadow import SQL as SHADOW_SQL
from services.ingest.rebuild.swap import OutOfDateError
from services.ingest.upkeep.partitions import make_partitions
from services.ingest.upkeep.search_projector import mark_dirty
from tests.support import catalogue, ingest
from tests.support.ingest_bench import Bench, bench
from tests.support.memory_transport import MemoryTransport
from tests.support.tables import differences, dump
from tests.support.told import NOW

RULES = Rules()
SMALL = RebuildOptions(batch=100, wait_seconds=20)
PATIENCE = 90.0


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    return await project(conn, events, RULES)


LIVE = Projections(fold, mark_dirty)


def past_records(conversations: int) -> list[tuple[bytes | None, bytes | None]]:
    """What the demo's past weeks publish, as Kafka would hand it over."""
    transport = MemoryTransport()
    customers = [make_customer(number) for number in range(25)]
    for fact in past_happenings(random.Random(5), customers, NOW, weeks=4, conversations=conversations):
        Producer(
            account="acme",
            connection=fact.customer.desk.connection,
            environment=fact.environment,
            transport=transport,
        ).publish(fact.data, time=fact.happened_at or fact.at, recordedtime=fact.at)
    return [(record.key, record.value) for record in transport.records]


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    async with pool.acquire() as conn:
        await make_partitions(conn)
    yield pool
    pool.terminate()


@pytest.fixture
async def worker(pool: Pool) -> AsyncIterator[Bench]:
    """An ingest worker with some weeks behind it, still at work."""
    async with bench(pool, projections=LIVE) as worker:
        records = past_records(30)
        for key, value in records:
            worker.log.append(key, value)
        await worker.reached(len(records))
        yield worker


@dataclass
class Readers:
    """People who look at pages all the time, by bare statements and by transactions with one snapshot."""

    pool: Pool
    least: int = 0
    rounds: int = 0
    failures: list[str] = field(default_factory=list)

    async def read(self, *, snapshot: bool) -> None:
        while True:
            try:
                async with asyncio.timeout(5):
                    found = await (self._in_one_snapshot() if snapshot else self._bare())
            except (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            else:
                if found < self.least:
                    self.failures.append(f"{found} conversations of {self.least}")
            self.rounds += 1
            await asyncio.sleep(0.1 if snapshot else 0.001)

    async def _bare(self) -> int:
        rows = await self.pool.fetch(
            "SELECT c.*, m.plain_text FROM conversation c"
            " LEFT JOIN message m ON m.account_id = c.account_id AND m.conv_key = c.conv_key"
        )
        return len({row["conv_key"] for row in rows})

    async def _in_one_snapshot(self) -> int:
        async with self.pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
            await conn.fetchval("SELECT count(*) FROM ops.account")
            await asyncio.sleep(0.002)
            found: int = await conn.fetchval("SELECT count(*) FROM conversation")
            assert await conn.fetchval("SELECT count(*) FROM conversation_activity") > 0
        return found


async def test_a_rebuild_gives_the_same_rows_and_the_same_schema(
    pool: Pool, worker: Bench, database: str
) -> None:
    before, shape = await dump_of(pool), await catalogue.describe(database)
    done = await rebuild(database, RULES, SMALL)
    assert done.events == await worker.position()
    assert not done.resumed
    assert differences(before, await dump_of(pool)) == []
    assert before["message"]
    assert without_rows(await catalogue.describe(database)) == without_rows(shape)


async def test_a_rebuild_that_was_stopped_goes_on_where_it_was(
    pool: Pool, worker: Bench, database: str
) -> None:
    before = await dump_of(pool)
    total = await worker.position()
    reports: list[Progress] = []

    def stop_midway(progress: Progress) -> None:
        reports.append(progress)
        if len(reports) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await rebuild(database, RULES, SMALL, stop_midway)
    assert differences(before, await dump_of(pool)) == []
    done = await rebuild(database, RULES, SMALL)
    assert done.resumed
    assert total is not None
    assert done.events == total - reports[-1].events < total
    assert differences(before, await dump_of(pool)) == []


async def test_one_under_other_rules_is_not_gone_on_with(pool: Pool, worker: Bench, database: str) -> None:
    def stop(_progress: Progress) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await rebuild(database, Rules(late_window=RULES.late_window * 2), SMALL, stop)
    done = await rebuild(database, RULES, SMALL)
    assert not done.resumed
    assert done.events == await worker.position()


async def test_events_that_come_during_a_rebuild_are_in_and_ingest_goes_on_behind_it(
    pool: Pool, worker: Bench, database: str
) -> None:
    start = await worker.position()
    assert start is not None
    sent = 0
    swapped = asyncio.Event()

    async def feed() -> None:
        nonlocal sent
        while not swapped.is_set():
            worker.fill(sent, 20)
            sent += 20
            # Twenty a transaction: a replay of a hundred a transaction catches up on any machine.
            await worker.reached(start + sent)
        worker.fill(sent, 100)
        sent += 100

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(feed())
        done = await rebuild(database, RULES, SMALL)
        swapped.set()
    await worker.reached(start + sent)
    assert done.events > start
    told = await pool.fetchval("SELECT count(*) FROM message WHERE message_id LIKE 'wamid.0.%'")
    assert told == sent
    assert (await verify(database, RULES, SMALL)).equal


async def test_readers_never_fail_and_never_find_less_than_before(
    pool: Pool, worker: Bench, database: str
) -> None:
    readers = Readers(pool, least=await pool.fetchval("SELECT count(*) FROM conversation"))
    tasks = [asyncio.create_task(readers.read(snapshot=snapshot)) for snapshot in (False, False, True, True)]
    try:
        async with asyncio.timeout(PATIENCE):
            for _ in range(2):
                await rebuild(database, RULES, RebuildOptions(batch=2_000, wait_seconds=20))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert readers.failures == []
    assert readers.rounds > 20


async def test_the_swap_waits_for_a_snapshot_that_would_find_the_new_tables_empty(
    pool: Pool, worker: Bench, database: str
) -> None:
    least = await pool.fetchval("SELECT count(*) FROM conversation")
    async with pool.acquire() as conn:
        async with conn.transaction(isolation="repeatable_read"):
            await conn.fetchval("SELECT count(*) FROM ops.account")
            running = asyncio.create_task(rebuild(database, RULES, RebuildOptions(wait_seconds=20)))
            done, _ = await asyncio.wait({running}, timeout=1.5)
            assert not done
            assert await conn.fetchval("SELECT count(*) FROM conversation") == least
        async with asyncio.timeout(PATIENCE):
            await running
    assert await pool.fetchval("SELECT count(*) FROM conversation") == least


async def test_verify_finds_a_row_that_was_tampered_with_and_swaps_nothing(
    pool: Pool, worker: Bench, database: str
) -> None:
    table = await pool.fetchval("SELECT 'conversation'::regclass::oid")
    assert (await verify(database, RULES, SMALL)).equal
    await pool.execute(
        "UPDATE message SET plain_text = plain_text || '!' WHERE ctid IN (SELECT ctid FROM message LIMIT 1)"
    )
    done = await verify(database, RULES, SMALL)
    assert not done.equal
    assert [compared.table for compared in done.tables if not compared.equal] == ["message"]
    assert await pool.fetchval("SELECT 'conversation'::regclass::oid") == table
    assert await pool.fetchval("SELECT to_regnamespace('rebuild')") is None


async def test_search_reads_anew_only_what_came_out_otherwise(
    pool: Pool, worker: Bench, database: str
) -> None:
    conv_key = await pool.fetchval("SELECT conv_key FROM message WHERE plain_text <> '' LIMIT 1")
    await pool.execute("UPDATE message SET plain_text = 'otra cosa' WHERE conv_key = $1", conv_key)
    await pool.execute("DELETE FROM search.dirty")
    await rebuild(database, RULES, SMALL)
    assert [row["conv_key"] for row in await pool.fetch("SELECT conv_key FROM search.dirty")] == [conv_key]


async def test_what_a_killed_rebuild_left_behind_its_swap_is_cleared_up(
    pool: Pool, worker: Bench, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(_conn: Connection, *, wait_seconds: float) -> None:
        if await pool.fetchval("SELECT to_regnamespace('projection_old') IS NOT NULL"):
            raise asyncio.CancelledError

    before = await dump_of(pool)
    with monkeypatch.context() as patched:
        patched.setattr(rebuilding, "clear_up", die)
        with pytest.raises(asyncio.CancelledError):
            await rebuild(database, RULES, SMALL)
    assert differences(before, await dump_of(pool)) == []
    await rebuild(database, RULES, SMALL)
    assert await pool.fetchval("SELECT to_regnamespace('projection_old')") is None
    assert differences(before, await dump_of(pool)) == []


async def test_a_migration_in_between_forbids_the_swap(pool: Pool, worker: Bench, database: str) -> None:
    before = await dump_of(pool)

    async def migrate_meanwhile() -> None:
        await pool.execute(
            "INSERT INTO public.schema_migration (version, name, sha256) VALUES (9999, 'later', '-')"
        )

    def report(_progress: Progress) -> None:
        meanwhile.append(asyncio.ensure_future(migrate_meanwhile()))

    meanwhile: list[asyncio.Future[None]] = []
    with pytest.raises(OutOfDateError):
        await rebuild(database, RULES, RebuildOptions(batch=50_000), report)
    assert len(meanwhile) == 1
    assert differences(before, await dump_of(pool)) == []


async def test_a_second_rebuild_is_refused(pool: Pool, database: str) -> None:
    async with pool.acquire() as conn:
        assert await conn.fetchval(SHADOW_SQL["try_lock"])
        with pytest.raises(RebuildRunsError):
            await rebuild(database, RULES)


async def dump_of(pool: Pool) -> dict[str, list[str]]:
    async with pool.acquire() as conn:
        return dict(await dump(conn))


def without_rows(shape: dict[str, str]) -> dict[str, str]:
    return {name: definition for name, definition in shape.items() if not name.startswith("rows ")}
