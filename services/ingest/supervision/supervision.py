"""Looks at the worker from outside, every few seconds: do rows, broker and worker still agree, and does it get on?"""

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

import structlog

from services.chassis.connection_faults import name_fault
from services.chassis.health import Readiness
from services.chassis.postgres import DATABASE_ERRORS, Pool, is_transient
from services.ingest import metrics
from services.ingest.batch.fence import Checkpoint
from services.ingest.batch.placement import read_rows
from services.ingest.source.broker_facts import BrokerFacts, FactsUnavailableError, LogRange
from services.ingest.source.protocol import Offset, Source, TopicPartition
from services.ingest.supervision.backlog import show_backlog
from services.ingest.supervision.lag import LagClock
from services.ingest.supervision.partition_gauges import PartitionGauges

log = structlog.get_logger(__name__)

ASSIGNED = "assigned"
PARTITIONS = "partitions"


class StalledError(Exception):
    """There is lag, the database answers, and nothing was committed for too long: only a restart helps."""


class Watched(Protocol):
    """What the supervision wants to know of the writer."""

    last_progress: float

    def committed(self) -> Mapping[TopicPartition, Offset]: ...
    def applied_at(self) -> Mapping[TopicPartition, float]: ...
    def topic_ids(self) -> Mapping[TopicPartition, UUID]: ...
    def halted(self) -> frozenset[TopicPartition]: ...


def to_reposition(
    mine: frozenset[TopicPartition],
    committed: Mapping[TopicPartition, Offset],
    halted: frozenset[TopicPartition],
    rows: Mapping[TopicPartition, Checkpoint],
    ranges: Mapping[TopicPartition, LogRange],
    *,
    stale: frozenset[TopicPartition],
) -> set[TopicPartition]:
    """Which partitions must be placed anew.

    `committed` is older than `rows`, and `rows` older than `ranges`, so a healthy partition never looks behind itself.
    It may look passed by the log's start when it moved meanwhile: placing it judges by the row as it is then.
    `stale` are those whose topic was made anew. A partition not placed yet (not in `committed`) is left alone.
    """
    anew: set[TopicPartition] = set()
    for partition in mine & committed.keys() | mine & halted:
        row = rows.get(partition)
        was_halted = partition in halted
        if row is None or row.halted != was_halted:
            anew.add(partition)  # the database was emptied, an operator decided, or another worker halted it
        elif not was_halted and (
            partition in stale
            or row.next_offset < committed[partition]
            or not ranges[partition].start <= row.next_offset <= ranges[partition].end
        ):
            anew.add(partition)
    return anew


class Supervision:
    """The periodic check of one worker."""

    def __init__(
        self,
        pool: Pool,
        facts: BrokerFacts,
        source: Source,
        writer: Watched,
        readiness: Readiness,
        *,
        stall_seconds: float,
    ) -> None:
        self._pool = pool
        self._facts = facts
        self._source = source
        self._writer = writer
        self._readiness = readiness
        self._stall_seconds = stall_seconds
        self._lagging_since: float | None = None
        self._lag_clock = LagClock()
        self._gauges = PartitionGauges()

    async def run(self, every_seconds: float) -> None:
        """Checks for ever. Raises StalledError."""
        while True:
            try:
                await self.check()
                placed = self._readiness.flags()[ASSIGNED].ok
                pause = every_seconds if placed else min(every_seconds, 1.0)
            except FactsUnavailableError as error:
                self._readiness.down("kafka", str(error))
                self._lagging_since = None
                pause = min(every_seconds, 2.0)
            except DATABASE_ERRORS as error:
                if not is_transient(error):
                    raise
                self._readiness.down("database", name_fault(error))
                self._lagging_since = None
                pause = min(every_seconds, 2.0)
            await asyncio.sleep(pause)

    async def check(self) -> None:
        """One look. Raises StalledError, FactsUnavailableError and database errors."""
        mine = self._source.assignment()
        if not mine and not self._source.joined():
            self._readiness.down(ASSIGNED, "no partitions yet")
            self._gauges.show({}, {}, {})
            return
        committed = self._writer.committed()
        halted = self._writer.halted() & mine
        rows = await read_rows(self._pool, mine)
        async with self._pool.acquire() as conn:
            await show_backlog(conn)
        self._readiness.up("database")
        ranges = await self._facts.log_ranges(mine)
        ids = {name: (await self._facts.topic(name)).topic_id for name in {place.topic for place in mine}}
        self._readiness.up("kafka")
        known = self._writer.topic_ids()
        stale = frozenset(
            partition for partition in mine if partition in known and known[partition] != ids[partition.topic]
        )
        anew = to_reposition(mine, committed, halted, rows, ranges, stale=stale)
        if anew:
            self._source.reposition(anew)
        self._report(mine, committed, halted, rows)
        lags = _lags(mine, rows, ranges)
        waits = self._lag_clock.seconds(lags, self._writer.applied_at(), time.time())
        self._gauges.show(lags, waits, {partition: rows[partition].halted for partition in lags})
        self._watch({partition: lag for partition, lag in lags.items() if partition not in halted | anew})

    def _report(
        self,
        mine: frozenset[TopicPartition],
        committed: Mapping[TopicPartition, Offset],
        halted: frozenset[TopicPartition],
        rows: Mapping[TopicPartition, Checkpoint],
    ) -> None:
        placed = all(partition in committed or partition in halted for partition in mine)
        if placed:
            self._readiness.up(ASSIGNED)
        else:
            self._readiness.down(ASSIGNED, "partitions are not placed yet")
        stopped = sorted(partition for partition in mine if partition in rows and rows[partition].halted)
        if stopped:
            names = ", ".join(f"{place.topic}/{place.partition}" for place in stopped)
            self._readiness.down(PARTITIONS, f"halted: {names}")
        else:
            self._readiness.up(PARTITIONS)

    def _watch(self, lags: Mapping[TopicPartition, int]) -> None:
        now = time.monotonic()
        total = sum(lags.values())
        if total == 0:
            self._lagging_since = None
            metrics.STALLED_SECONDS.set(0)
            return
        if self._lagging_since is None:
            self._lagging_since = now
        still_since = max(self._lagging_since, self._writer.last_progress)
        metrics.STALLED_SECONDS.set(now - still_since)
        if now - still_since > self._stall_seconds:
            log.critical("ingest_stalled", lag_records=total, seconds=round(now - still_since))
            raise StalledError(
                f"{total} records wait and nothing was committed for {now - still_since:.0f} s"
            )


def _lags(
    partitions: frozenset[TopicPartition],
    rows: Mapping[TopicPartition, Checkpoint],
    ranges: Mapping[TopicPartition, LogRange],
) -> dict[TopicPartition, int]:
    return {
        partition: max(ranges[partition].end - rows[partition].next_offset, 0)
        for partition in partitions
        if partition in rows
    }
