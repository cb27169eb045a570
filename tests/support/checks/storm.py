"""All injected faults at random, over one another, under two workers that come and go."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable

from services.ingest import metrics
from services.ingest.batch.writer import WriterOptions
from services.ingest.source.protocol import Offset
from tests.support.broker.faults import Hold, Skip
from tests.support.broker.group import State
from tests.support.broker.server import Broker, running_broker
from tests.support.checks.broker_worker import BrokerWorker, Client, messages, reading
from tests.support.checks.findings import (
    Findings,
    Stage,
    compare,
    only_wrong,
    partition,
    positions,
    settled,
    until,
)
from tests.support.memory_source import MemoryRecord, batch_of

PARTITIONS = 3
SMALL = WriterOptions(batch_records=30, queue_records=120)
_END_BACKENDS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
)


class Storm:
    """What happens to one broker and its readers, and what must be stored in the end."""

    def __init__(self, stage: Stage, broker: Broker, client: Client, chance: random.Random) -> None:
        self._acted: Counter[str] = Counter()
        self._stage = stage
        self._broker = broker
        self._client = client
        self._chance = chance
        self._holds: list[Hold] = []
        self._skips: list[Skip] = []
        self._putting: set[asyncio.Future[None]] = set()
        self._unreads = metrics.UNREADS._value.get()
        self._number = [0] * PARTITIONS
        self._due: list[list[int]] = [[] for _ in range(PARTITIONS)]
        self._second: contextlib.AsyncExitStack | None = None
        self._second_reader: BrokerWorker | None = None
        self._first: BrokerWorker | None = None
        self._actions: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "records": (8, self._write),
            "held answer": (4, self._hold),
            "lost read": (3, self._skip),
            "hole": (2, self._leave_out),
            "rebalance": (4, self._rebalance),
            "worker": (2, self._second_worker),
            "dead connections": (2, self._end_backends),
            "placed anew": (2, self._reposition),
            "slow database": (2, self._lock_rows),
            "stray batch": (2, self._stray),
        }

    async def blow(self, steps: int) -> Findings:
        """Random actions, until there were so many and every fault was met; then it calms down, and all must be stored.

        Answers `window not hit` when a fault was not met in ten times as many actions.
        """
        names = list(self._actions)
        weights = [self._actions[name][0] for name in names]
        async with reading(self._stage, self._broker, self._client, options=SMALL) as first:
            self._first = first
            await first.placed([partition(number) for number in range(PARTITIONS)])
            for step in range(10 * steps):
                if step >= steps and all(self.windows().values()):
                    break
                (name,) = self._chance.choices(names, weights)
                await self._actions[name][1]()
                self._acted[name] += 1
                await asyncio.sleep(self._chance.uniform(0.0, 0.1))
                first.raise_what_ended()
            for hold in self._holds:
                hold.release()
            for skip in self._skips:
                skip.times = skip.happened  # no more of them
            await self._close_second()
            for number in range(PARTITIONS):
                await self._append(number, 5)  # a hole at the end shows only behind a record
            ends = {number: self._broker.log(number).end for number in range(PARTITIONS)}
            stuck = await settled(self._stage, ends, also=first.raise_what_ended)
            await self._calm()
        missed = sum(not hits for hits in self.windows().values())
        return (
            stuck
            | await compare(self._stage, dict(enumerate(self._due)))
            | only_wrong({"window not hit": missed})
        )

    def windows(self) -> dict[str, int]:
        """How often each fault was met, not only aimed at."""
        return {
            **{name: self._acted[name] for name in self._actions},
            "held answer": sum(hold.caught.is_set() for hold in self._holds),
            "lost read": sum(skip.happened for skip in self._skips),
            "rebalance": self._broker.group("readers").generation,
            "fetch put back": int(metrics.UNREADS._value.get() - self._unreads),
        }

    async def _append(self, number: int, count: int) -> None:
        begin = self._broker.log(number).end
        self._broker.append(messages(self._number[number], count, contact=number), partition=number)
        self._number[number] += count
        self._due[number] += range(begin, begin + count)

    async def _write(self) -> None:
        for number in range(PARTITIONS):
            await self._append(number, self._chance.choice([1, 7, 60, 150]))

    async def _hold(self) -> None:
        for hold in self._holds:
            hold.release()
        self._holds.append(self._broker.faults.hold_next())
        await self._write()

    async def _skip(self) -> None:
        """Once for each stretch of a partition: a broker that twice tells of the same hole is to be believed."""
        number = self._chance.randrange(PARTITIONS)
        at = (await positions(self._stage.pool)).get(number, 0)
        if all(skip.end <= at for skip in self._skips if skip.partition == number):
            self._skips.append(self._broker.faults.skip(number, at, at + self._chance.randrange(1, 60)))
        await self._append(number, 80)

    async def _leave_out(self) -> None:
        self._broker.log(self._chance.randrange(PARTITIONS)).leave_out(self._chance.randrange(1, 20))
        await self._write()

    async def _rebalance(self) -> None:
        self._broker.group("readers").rebalance()

    async def _second_worker(self) -> None:
        if self._second is not None:
            await self._close_second()
            return
        self._second = contextlib.AsyncExitStack()
        self._second_reader = await self._second.enter_async_context(
            reading(self._stage, self._broker, self._client, options=SMALL)
        )

    async def _close_second(self) -> None:
        if self._second is not None:
            second = self._second_reader
            assert second is not None
            await until(lambda: bool(second.source.assignment()))
            await self._calm()
            await self._second.aclose()
            self._second = None

    async def _calm(self) -> None:
        """No rebalance is under way: Faust's thread outlives a stop within one, which only the end of a process ends."""
        for hold in self._holds:
            hold.release()
        await until(lambda: self._broker.group("readers").state is State.STABLE)

    async def _end_backends(self) -> None:
        await self._stage.pool.execute(_END_BACKENDS)

    async def _reposition(self) -> None:
        assert self._first is not None
        self._first.source.reposition([partition(self._chance.randrange(PARTITIONS))])

    async def _stray(self) -> None:
        """A worker that does not know that it lost the partition still writes, far above the checkpoint."""
        assert self._first is not None
        number = self._chance.randrange(PARTITIONS)
        await self._append(number, 150)
        at = (await positions(self._stage.pool)).get(number, 0)
        above = [each for each in self._broker.log(number).records if at + 50 <= each.offset < at + 80]
        if above:
            records = [MemoryRecord(Offset(each.offset), each.key, each.value) for each in above]
            batch = batch_of(partition(number), records[0].offset, records[-1].offset + 1, records)
            putting = asyncio.ensure_future(self._first.writer.put(batch))  # may have to wait for room
            self._putting.add(putting)
            putting.add_done_callback(self._putting.discard)

    async def _lock_rows(self) -> None:
        async with self._stage.pool.acquire() as conn, conn.transaction():
            await conn.execute("SELECT 1 FROM log.checkpoint ORDER BY stream_id FOR UPDATE")
            await self._write()
            await asyncio.sleep(self._chance.uniform(0.0, 0.3))


async def storm(stage: Stage, client: Client, *, seed: int, steps: int) -> tuple[Findings, dict[str, int]]:
    """What is wrong after a storm, and how often each fault was met in it."""
    async with running_broker(partitions=PARTITIONS) as broker:
        blowing = Storm(stage, broker, client, random.Random(seed))
        found = await blowing.blow(steps)
        return found, blowing.windows()
