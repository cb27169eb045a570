"""The sink: takes batches from a source and settles them in PostgreSQL, one transaction at a time.

It never gives a batch up: an error that passes is waited out, a record that the database refuses goes to the dead
letters, and anything else ends the writer, and with it the process, before a checkpoint has moved.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import structlog

from services.chassis.clock import Clock, utc_now
from services.chassis.connection_faults import name_fault
from services.chassis.health import Readiness
from services.chassis.postgres import Pool, backoff, is_transient
from services.ingest import metrics
from services.ingest.batch.accounts import Accounts
from services.ingest.batch.attempts import Attempts, DatabaseError, Remedy
from services.ingest.batch.breaker import Limits
from services.ingest.batch.holes import check_hole, is_written_up_to
from services.ingest.batch.placement import place_partitions, write_halt
from services.ingest.batch.positioned_batch import PositionedBatch
from services.ingest.batch.queue import BatchQueue
from services.ingest.batch.read_partitions import ReadPartitions
from services.ingest.batch.recent_ids import RecentIds
from services.ingest.batch.report import report
from services.ingest.batch.transaction import (
    ClassifiedBatch,
    Outcome,
    Projections,
    WriteMode,
    WriterState,
    write,
)
from services.ingest.log.decoding import classify_records, decode
from services.ingest.source.broker_facts import BrokerFacts, FactsUnavailableError
from services.ingest.source.protocol import Batch, Jump, Offset, Source, TopicPartition

log = structlog.get_logger(__name__)

DATABASE = "database"
KAFKA = "kafka"
LOOK_UP_BATCHES = 30
"""After a repeat was found the hard way, repeats are asked for first in so many batches: they come in bursts."""
QUIESCE_SECONDS = 10.0
LONGEST_PAUSE = 2.0
"""Shorter than the shortest stall that can be set: a database that is back is not to be mistaken for a worker that hangs."""


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """Bounds of the writer, in records and bytes, and of the breaker."""

    batch_records: int = 3_000
    queue_records: int = 3_000
    queue_bytes: int = 32 * 1024 * 1024
    limits: Limits = field(default_factory=Limits)


class Writer:
    """A Sink. `run` does the work; the other methods are called by the source and the supervision."""

    def __init__(
        self,
        pool: Pool,
        facts: BrokerFacts,
        readiness: Readiness,
        projections: Projections,
        *,
        options: WriterOptions | None = None,
        clock: Clock = utc_now,
        after_batch: Callable[[], None] = _nothing,
    ) -> None:
        self._pool = pool
        self._facts = facts
        self._readiness = readiness
        self._projections = projections
        self._options = options or WriterOptions()
        self._clock = clock
        self._after_batch = after_batch
        self._accounts = Accounts()
        self._queue = BatchQueue(max_records=self._options.queue_records, max_bytes=self._options.queue_bytes)
        self._recent = RecentIds()
        self._partitions = ReadPartitions()
        self._look_up_left = 0
        self._source: Source | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._dropped = asyncio.Event()
        self.last_progress = time.monotonic()

    def attach(self, source: Source) -> None:
        """Names the source that is to read again what the fence refuses."""
        self._source = source

    async def run(self) -> None:
        """Settles batches for ever. Raises BreakerTrippedError, or the bug that stopped it."""
        while True:
            batches = await self._queue.take(self._options.batch_records)
            self._idle.clear()
            try:
                await self._settle(batches)
            finally:
                self._idle.set()
            del batches
            self._after_batch()

    # ---------------------------------------------------------------- what the source asks

    async def next_offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Offset]:
        """See Sink."""
        await self._queue.drop(partitions)
        attempt = 0
        while True:
            try:
                placed = await place_partitions(self._pool, self._facts, partitions)
                break
            except FactsUnavailableError as error:
                self._readiness.down(KAFKA, str(error))
            except DatabaseError as error:
                if not is_transient(error):
                    raise
                self._readiness.down(DATABASE, name_fault(error))
            attempt += 1
            await asyncio.sleep(backoff(attempt, first=0.2, longest=LONGEST_PAUSE))
        self._readiness.up(KAFKA)
        self._readiness.up(DATABASE)
        if self._partitions.place(partitions, placed):
            self._recent.clear()
        return {partition: place.offset for partition, place in placed.items()}

    async def put(self, batch: Batch) -> None:
        """See Sink."""
        await self._queue.put(self._partitions.positioned(batch))
        metrics.QUEUE_RECORDS.set(self._queue.records)

    async def check_jump(self, partition: TopicPartition, expected: Offset, found: Offset) -> Jump:
        """See Sink. Before a halt, what was read and not yet written is written: it may be gone from Kafka."""
        try:
            jump, halt = await check_hole(
                self._facts,
                partition,
                expected=expected,
                found=found,
                known_id=self._partitions.topic_ids.get(partition),
            )
        except FactsUnavailableError as error:
            self._readiness.down(KAFKA, str(error))
            await asyncio.sleep(1.0)
            return Jump.READ_AGAIN
        if halt is None:
            return jump
        written = partial(self._partitions.next_offset, partition)
        if not await is_written_up_to(self._pool, partition, expected, written):
            return Jump.READ_AGAIN
        try:
            halted = await write_halt(self._pool, partition, expected, halt)
        except DatabaseError as error:
            if not is_transient(error):
                raise
            return Jump.READ_AGAIN
        if self._source is not None:
            self._source.reposition([partition])  # finds it halted, or where another worker took it meanwhile
        return Jump.STOP if halted else Jump.READ_AGAIN

    async def quiesce(self) -> None:
        """See Sink."""
        self._dropped.set()
        self._dropped = asyncio.Event()
        await self._queue.clear()
        try:
            await asyncio.wait_for(self._idle.wait(), QUIESCE_SECONDS)
        except TimeoutError:
            log.warning("quiesce_gave_up", seconds=QUIESCE_SECONDS)  # the fence holds whatever still comes

    def committed(self) -> Mapping[TopicPartition, Offset]:
        """See Sink."""
        return self._partitions.next_offsets()

    # ---------------------------------------------------------------- what the supervision asks

    def applied_at(self) -> Mapping[TopicPartition, float]:
        """When Kafka appended the newest record stored of each partition, in Unix seconds."""
        return dict(self._partitions.applied_at)

    def topic_ids(self) -> Mapping[TopicPartition, UUID]:
        """The incarnation under which each partition was placed."""
        return dict(self._partitions.topic_ids)

    def halted(self) -> frozenset[TopicPartition]:
        """The partitions found halted when they were last placed."""
        return frozenset(self._partitions.halted)

    # ---------------------------------------------------------------- one batch

    async def _settle(self, batches: Sequence[PositionedBatch]) -> None:
        dropped = self._dropped
        started = time.perf_counter()
        decoded = [decode(batch.records) for batch in batches]
        metrics.DECODE_SECONDS.observe(time.perf_counter() - started)
        names = {
            event.accountid for events in decoded for event in events if not isinstance(event, Exception)
        }
        attempts = Attempts()
        while True:
            try:
                await self._accounts.learn(self._pool, names)
                classified = [
                    ClassifiedBatch(
                        batch,
                        classify_records(batch.records, events, batch.first_position, self._accounts.find),
                    )
                    for batch, events in zip(batches, decoded, strict=True)
                ]
                outcome = await self._transact(
                    classified, WriteMode(self._look_up_left > 0, attempts.isolate)
                )
                break
            except DatabaseError as error:
                remedy = attempts.after(error)
                if remedy is None:
                    raise
                metrics.REDO.labels(remedy.value).inc()
                if remedy is Remedy.LOOK_UP:
                    self._look_up_left = LOOK_UP_BATCHES
                elif remedy is Remedy.WAIT and await self._waited(error, attempts.waits, dropped):
                    return  # the partitions left while we waited; their next owner reads from the rows
        self._readiness.up(DATABASE)
        self._look_up_left = max(self._look_up_left - 1, 0)
        self._remember(outcome, batches)
        if outcome.reposition:
            await self._queue.drop(outcome.reposition)
            if self._source is not None:
                self._source.reposition(outcome.reposition)

    async def _transact(self, batches: Sequence[ClassifiedBatch], mode: WriteMode) -> Outcome:
        known = self._partitions
        state = WriterState(
            known.topic_ids, known.windows, self._options.limits, self._recent, known.committed
        )
        started = time.perf_counter()
        async with self._pool.acquire() as conn, conn.transaction():
            outcome = await write(conn, batches, state, self._projections, mode)
        metrics.TRANSACTION_SECONDS.observe(time.perf_counter() - started)
        return outcome

    def _remember(self, outcome: Outcome, batches: Sequence[PositionedBatch]) -> None:
        self._partitions.move(outcome.positions, outcome.windows, batches)
        self._recent.add(outcome.written)
        if outcome.positions:
            self.last_progress = time.monotonic()
        metrics.QUEUE_RECORDS.set(self._queue.records)
        report(outcome, records=sum(len(batch.records) for batch in batches), now=self._clock())

    async def _waited(self, error: BaseException, attempt: int, dropped: asyncio.Event) -> bool:
        """Pauses before the next attempt; answers whether the batch was dropped meanwhile."""
        self._readiness.down(DATABASE, name_fault(error))
        log.warning("database_retry", attempt=attempt, error=type(error).__name__)
        return await _happened(dropped, backoff(attempt, first=0.1, longest=LONGEST_PAUSE))


async def _happened(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
