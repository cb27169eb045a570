"""Whatever a broker does with a log, the tables are those of each event told once, in order, in one go (docs/semantics.md).

A machine of Hypothesis tells events on three threads, each on a partition of its own, and hands them to the real writer on
a real PostgreSQL: in chunks, chunks again that overlap what is committed, facts told twice, by workers that start anew, and
with the threads interleaved in any way.
"""

import asyncio
import os
import uuid
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

import pytest
from bitacora_schemas.events.decode import DecodedEvent, decode_event
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.chassis.health import Readiness
from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.batch.writer import Writer
from services.ingest.log.decoding import appended_at
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.log.positions import START, position_of
from services.ingest.projection.messages.showing import RANKS
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.source.protocol import Offset, TopicPartition
from tests.support import ingest
from tests.support.delivery import deliver
from tests.support.histories import steps, tell, threads
from tests.support.invariants import BROKEN
from tests.support.memory_source import MemoryLog, MemoryRecord, batch_of
from tests.support.scenarios import record_of
from tests.support.tables import clear, differences, dump

USUAL = 30
EXAMPLES = int(os.environ.get("BITACORA_TEST_MACHINES", USUAL))
"""More of them, and smaller counter-examples: `BITACORA_TEST_MACHINES=500 pytest tests/integration/ingest/projection/test_stateful.py`."""

FORGET = "TRUNCATE log.event_log, log.checkpoint, log.dead_letter, log.outbox RESTART IDENTITY"
STATUSES = "SELECT message_key, part_index, status, occurred_at FROM message_status"
PATIENCE = 30.0

T = TypeVar("T")


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    return await project(conn, events, Rules())


LIVE = Projections(fold, ingest.mark_nothing)


class Place:
    """Databases and a loop that outlive the examples: Hypothesis runs the machine many times."""

    def __init__(self, live: str, told_once: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.run(ingest.add_account(live))
        self.live = self.run(create_pool(live, application_name="test", min_size=1, max_size=3))
        self.told_once = self.run(create_pool(told_once, application_name="test", min_size=1, max_size=1))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, PATIENCE))

    def close(self) -> None:
        for pool in (self.live, self.told_once):
            self.run(pool.close())
        self.loop.close()


@pytest.fixture
def place(database: str, module_database: str) -> Iterator[Place]:
    made = Place(database, module_database)
    yield made
    made.close()


class Deliveries(RuleBasedStateMachine):
    """The log as a broker has it, and a worker that reads it."""

    place: ClassVar[Place]

    def __init__(self) -> None:
        super().__init__()
        self.lines = threads()
        self.log = MemoryLog("events", uuid.UUID(int=7), partitions=len(self.lines))
        self.partitions = sorted(self.log.records)
        self.at = dict.fromkeys(self.partitions, 0)
        self.ranks: dict[tuple[Any, ...], int] = {}
        self.statuses: set[tuple[Any, ...]] = set()
        self.working: asyncio.Task[None] | None = None

    @initialize()
    def begin(self) -> None:
        self.place.run(_forget(self.place.live))
        self.start_worker()

    @rule(story=st.lists(steps(), min_size=1, max_size=12))
    def something_happens(self, story: list[tuple[Any, ...]]) -> None:
        for taken in story:
            line = self.lines[taken[0]]
            before = len(line.events)
            tell(self.lines, taken)
            for logged in line.events[before:]:
                key, value = record_of(logged)
                self.append(taken[0], key, value, int(logged.appended_at.timestamp() * 1_000))

    @precondition(lambda self: any(self.log.records.values()))
    @rule(index=st.integers(0, 2), which=st.integers(0, 30))
    def the_source_says_it_twice(self, index: int, which: int) -> None:
        known = self.log.records[self.partitions[index]]
        if known:
            again = known[which % len(known)]
            self.append(index, again.key, again.value, again.timestamp + 1)

    @precondition(lambda self: any(self.log.ends[each] > self.at[each] for each in self.partitions))
    @rule(index=st.integers(0, 2), count=st.integers(1, 6), back=st.integers(0, 4))
    def a_chunk_comes(self, index: int, count: int, back: int) -> None:
        """`back` records of it were handed over before, as after a lost commit of Kafka's own."""
        partition = self.partitions[index]
        self.hand_over(partition, max(self.at[partition] - back, 0), self.at[partition] + count)

    @rule()
    def the_worker_starts_anew(self) -> None:
        self.stop_worker()
        self.start_worker()

    @rule()
    def all_of_it_comes(self) -> None:
        for partition in self.partitions:
            self.hand_over(partition, self.at[partition], self.log.ends[partition])
        rules = self.place.run(self.place.live.fetch(BROKEN))
        assert [row["rule"] for row in rules if row["count"]] == []

    @invariant()
    def statuses_only_move_forward(self) -> None:
        if self.working is None:
            return
        found = {tuple(row.values()) for row in self.place.run(self.place.live.fetch(STATUSES))}
        assert found >= self.statuses
        self.statuses = found
        ranks: dict[tuple[Any, ...], int] = {}
        for key, part, status, _ in found:
            ranks[key, part] = max(ranks.get((key, part), -1), RANKS.get(status, -1))
        assert all(ranks[each] >= rank for each, rank in self.ranks.items())
        self.ranks = ranks

    def teardown(self) -> None:
        if self.working is None:
            return
        self.all_of_it_comes()
        self.stop_worker()
        found = self.place.run(self.compare())
        assert not found, "\n".join(found)

    # ------------------------------------------------------------------------------------------ the means

    def append(self, index: int, key: bytes | None, value: bytes | None, timestamp: int) -> None:
        partition = self.partitions[index]
        self.log.records[partition].append(
            MemoryRecord(Offset(self.log.ends[partition]), key, value, (), timestamp)
        )
        self.log.ends[partition] += 1

    def hand_over(self, partition: TopicPartition, start: int, end: int) -> None:
        end = min(end, self.log.ends[partition])
        if start < end:
            self.place.run(self._hand_over(partition, start, end))
            self.at[partition] = max(self.at[partition], end)

    async def _hand_over(self, partition: TopicPartition, start: int, end: int) -> None:
        assert self.working is not None
        await self.writer.put(batch_of(partition, start, end, self.log.records[partition][start:end]))
        while self.writer.committed()[partition] < end:
            if self.working.done():
                self.working.result()
            await asyncio.sleep(0.0005)

    def start_worker(self) -> None:
        self.place.run(self._start())

    async def _start(self) -> None:
        self.writer = Writer(self.place.live, self.log, Readiness(), LIVE)
        self.working = asyncio.create_task(self.writer.run())
        assert await self.writer.next_offsets(self.partitions) == self.at

    def stop_worker(self) -> None:
        assert self.working is not None
        self.working.cancel()
        self.place.run(asyncio.wait_for(_ended(self.working), PATIENCE))

    async def compare(self) -> list[str]:
        async with self.place.told_once.acquire() as conn:
            once = await deliver(conn, self.facts())
        async with self.place.live.acquire() as conn:
            return differences(once, await dump(conn))

    def facts(self) -> list[LoggedEvent]:
        """Every fact where it stands first, one thread after the other."""
        told = []
        for stream_id, partition in enumerate(self.partitions, start=1):
            seen = set()
            for record in self.log.records[partition]:
                event = decode_event(record.value)
                assert isinstance(event, DecodedEvent)
                if event.id not in seen:
                    seen.add(event.id)
                    told.append(
                        LoggedEvent(
                            1, event, stream_id, position_of(record.offset, START), appended_at(record)
                        )
                    )
        return told


def test_whatever_the_broker_does_the_tables_are_those_of_each_event_told_once(place: Place) -> None:
    class Machine(Deliveries):
        pass

    Machine.place = place
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            # Making a counter-example smaller takes minutes; it is for whoever looks for many.
            phases=[each for each in Phase if each is not Phase.shrink or EXAMPLES > USUAL],
            derandomize=EXAMPLES <= 100,
            suppress_health_check=list(HealthCheck),
        ),
    )


async def _forget(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await clear(conn)
        await conn.execute(FORGET)


async def _ended(task: "asyncio.Task[None]") -> None:
    await asyncio.wait([task])
