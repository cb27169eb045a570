"""Batches that go wrong on their way into the database: errors, strays, repeats, floods. The log is in memory."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.chassis.postgres import Connection
from services.ingest.batch.breaker import Limits
from services.ingest.batch.transaction import (
    BreakerTrippedError,
    ClassifiedBatch,
    Outcome,
    Projections,
    WriteMode,
)
from services.ingest.batch.writer import Writer
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.source.protocol import Offset
from tests.support import ingest
from tests.support.checks.findings import Findings, Stage, compare, only_wrong, partition, settled, until
from tests.support.ingest_bench import HERE, Bench, bench
from tests.support.memory_source import MemoryRecord, batch_of

_FAIL = "DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = 'serialization_failure'; END $$"


class FailingProjections:
    """Projects nothing, and at some calls breaks the connection or raises an error that passes."""

    def __init__(self) -> None:
        self._faults = itertools.cycle(["death", None, "failure", None])
        self.happened = 0

    async def project(self, conn: Connection, _events: Sequence[LoggedEvent]) -> ProjectionOutcome:
        """See Projector."""
        fault = next(self._faults)
        self.happened += fault is not None
        if fault == "death":
            await conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        elif fault == "failure":
            await conn.execute(_FAIL)
        return ProjectionOutcome()


async def passing_errors(stage: Stage) -> Findings:
    """Connections die and statements fail inside the transaction, again and again."""
    faults = FailingProjections()
    projections = Projections(faults.project, ingest.mark_nothing)
    async with bench(stage.pool, projections=projections) as worker:
        worker.fill(0, 300)
        stuck = await settled(stage, {0: 300}, also=worker.raise_what_ended)
    assert faults.happened, "the fault did not happen"
    return stuck | await compare(stage, {0: range(300)})


async def strays(stage: Stage) -> Findings:
    """Late batches of another worker: one far below the checkpoint, one above it. Then the worker is started anew."""
    async with bench(stage.pool) as worker:
        worker.fill(0, 50)
        await until(lambda: worker.writer.committed().get(HERE) == 50)
        await worker.writer.put(batch_of(HERE, 0, 20, worker.log.records[HERE][:20]))
        await _settled(worker)
        went_back = 50 - int(await worker.position() or 0)
        stray = MemoryRecord(Offset(90), *ingest.customer_message(90))
        await worker.writer.put(batch_of(HERE, 90, 91, [stray]))
        await _settled(worker)
    async with bench(stage.pool, prepare=lambda anew: anew.fill(0, 100)) as anew:
        stuck = await settled(stage, {0: 100}, also=anew.raise_what_ended)
    found = await compare(stage, {0: range(100)})
    return stuck | found | only_wrong({"went back": max(went_back, 0)})


async def repeats(stage: Stage) -> Findings:
    """Every event comes three times, the last ones to a worker that remembers nothing."""
    async with bench(stage.pool) as worker:
        worker.fill(0, 60)
        worker.fill(0, 60)
        await until(lambda: worker.writer.committed().get(HERE) == 120)
    async with bench(stage.pool) as fresh:
        for _ in range(3):
            fresh.fill(0, 60)
        stuck = await settled(stage, {0: 180}, also=fresh.raise_what_ended)
    ids = [row["event_id"] for row in await stage.pool.fetch("SELECT event_id FROM log.event_log")]
    return stuck | only_wrong({"lost": 60 - len(set(ids)), "doubled": len(ids) - len(set(ids))})


class LosesAnswers(Writer):
    """Commits, and is told that the connection broke, at every third batch."""

    turns = 0

    async def _transact(self, batches: Sequence[ClassifiedBatch], mode: WriteMode) -> Outcome:
        outcome = await super()._transact(batches, mode)
        self.turns += 1
        if self.turns % 3 == 1:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return outcome


async def lost_answers(stage: Stage) -> Findings:
    """The answer to COMMIT is lost, again and again; one record in five is bad."""
    async with bench(stage.pool, writer_class=LosesAnswers, limits=Limits(0, 0)) as worker:
        for number in range(300):
            key, value = ingest.customer_message(number)
            worker.log.append(key, b"{broken" if number % 5 == 0 else value)
        stuck = await settled(stage, {0: 300}, also=worker.raise_what_ended)
        await asyncio.sleep(0.2)  # whatever is still to be written beside the batch
    refused = await stage.pool.fetch("SELECT position FROM log.dead_letter")
    missing = set(range(0, 300, 5)) - {row["position"] for row in refused}
    found = await compare(stage, {0: [number for number in range(300) if number % 5]})
    return stuck | found | only_wrong({"dead letters missing": len(missing)})


async def restored_database(stage: Stage) -> Findings:
    """The database goes back to an older state under a running worker, which must fill it again."""
    async with bench(stage.pool) as worker:
        worker.fill(0, 60)
        await until(lambda: worker.writer.committed().get(HERE) == 60)
        async with stage.pool.acquire() as conn, conn.transaction():
            await conn.execute("DELETE FROM log.event_log WHERE position >= 20")
            await conn.execute("UPDATE log.checkpoint SET next_offset = 20")
        await worker.supervision.check()
        stuck = await settled(stage, {0: 60}, also=worker.raise_what_ended)
    return stuck | await compare(stage, {0: range(60)})


async def flood(stage: Stage) -> Findings:
    """Nothing but bad records: the fault is not in them, so the worker must stop with the checkpoint before them."""
    async with bench(stage.pool, limits=Limits(in_a_row=20, per_thousand=0)) as worker:
        worker.fill(0, 10)
        await until(lambda: worker.writer.committed().get(HERE) == 10)
        for _ in range(200):
            worker.log.append(b"k", b"bad")
        running = asyncio.ensure_future(worker.ended())
        arrived = asyncio.ensure_future(settled(stage, {0: 210}))
        await asyncio.wait({running, arrived}, return_when=asyncio.FIRST_COMPLETED)
        tripped = running.done() and isinstance(running.result(), BreakerTrippedError)
        for task in (running, arrived):
            task.cancel()
    emptied = int(await stage.pool.fetchval("SELECT count(*) FROM log.dead_letter"))
    return only_wrong({"not stopped": not tripped, "dead letters too many": emptied})


async def topic_made_anew(stage: Stage) -> Findings:
    """The topic is deleted and made anew with the same name: a halt, and all of it once the operator has decided."""
    async with bench(stage.pool) as worker:
        worker.fill(0, 30)
        await until(lambda: worker.writer.committed().get(HERE) == 30)
        worker.log.recreate(UUID(int=8))
        worker.fill(1_000, 80)
        halted = await _halted(stage, worker)
        await stage.pool.execute(
            "UPDATE log.checkpoint SET next_offset = 0, topic_id = $1, halted_reason = NULL, halted_from = NULL,"
            " halted_to = NULL, halted_at = NULL WHERE halted_at IS NOT NULL",
            UUID(int=8),
        )
        await worker.supervision.check()
        stuck = await settled(stage, {0: 80}, also=worker.raise_what_ended)
    count = int(await stage.pool.fetchval("SELECT count(*) FROM log.event_log"))
    return stuck | only_wrong({"lost": 110 - count, "not halted": not halted})


async def _halted(stage: Stage, worker: Bench) -> bool:
    """Whether the partition halts. The periodic look finds it, so records may have been read on before."""
    give_up = time.monotonic() + stage.patience
    while time.monotonic() < give_up:
        await worker.supervision.check()
        if await worker.pool.fetchval("SELECT halted_at FROM log.checkpoint"):
            return True
        await asyncio.sleep(0.02)
    return False


async def _settled(worker: Bench) -> None:
    """Waits until the writer has nothing in its hands."""
    await until(lambda: worker.writer._queue.records == 0)
    await until(worker.writer._idle.is_set)
    assert worker.source.assignment() == {partition(0)}
