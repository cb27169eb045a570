"""Fetches that go wrong: across a rebalance, with a hole, after the log's start has moved on."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from services.ingest import metrics
from services.ingest.batch.writer import WriterOptions
from services.ingest.source.protocol import Jump
from tests.support.broker.group import State
from tests.support.broker.server import Broker, running_broker
from tests.support.checks.broker_worker import BrokerWorker, Client, messages, reading
from tests.support.checks.findings import (
    Check,
    Findings,
    Stage,
    compare,
    only_wrong,
    partition,
    settled,
    until,
)

GROUP = "readers"
MOST_ROUNDS = 10
SMALL = WriterOptions(batch_records=20, queue_records=100)


async def fetch_in_hand(stage: Stage, client: Client) -> Findings:
    """A fetch is in the source's hands when a rebalance empties the queue before it.

    The writer waits for a lock, so records of both partitions wait in the queue, and of the next fetch one partition's
    records wait to get in and the other's wait behind them: the rebalance drops all of it, and all must be read again.
    """
    async with (
        running_broker(partitions=2) as broker,
        reading(stage, broker, client, options=SMALL) as worker,
    ):
        await worker.placed([partition(0), partition(1)])
        async with _rows_locked(stage):
            for number in (0, 1):
                broker.append(messages(0, 30, contact=number), partition=number)
            await until(lambda: sum(len(batch.records) for batch in worker.writer.offered) == 60)
            for number in (0, 1):
                broker.append(messages(30, 200, contact=number), partition=number)
            await until(lambda: worker.writer.is_full)
            before = worker.writer.quiesced
            broker.group(GROUP).rebalance()
            await until(lambda: worker.writer.quiesced > before)
        return await _all_stored(stage, broker, worker)


async def held_answer(stage: Stage, client: Client, *, until_joined: bool) -> Findings:
    """The answer to a fetch comes after a rebalance has begun, or after it has ended.

    Done again until the client had read something on both sides of a rebalance that it had to put back.
    """
    before = metrics.UNREADS._value.get()
    async with running_broker(partitions=2) as broker, reading(stage, broker, client) as worker:
        await worker.placed([partition(0), partition(1)])
        for round_number in range(MOST_ROUNDS):
            hold = broker.faults.hold_next()
            for number in (0, 1):
                broker.append(messages(50 * round_number, 50, contact=number), partition=number)
            await until(hold.caught.is_set)
            await _rebalanced(broker, worker, until_joined=until_joined)
            hold.release()
            found = await _all_stored(stage, broker, worker)
            if found or metrics.UNREADS._value.get() > before:
                return found
        return {"window not hit": 1}


async def moved_and_back(stage: Stage, client: Client) -> Findings:
    """While an answer is held, a partition goes to another worker, which reads on, and comes back."""
    async with running_broker(partitions=2) as broker, reading(stage, broker, client) as worker:
        await worker.placed([partition(0), partition(1)])
        hold = broker.faults.hold_next()
        for number in (0, 1):
            broker.append(messages(0, 80, contact=number), partition=number)
        await until(hold.caught.is_set)
        async with reading(stage, broker, client) as other:
            await until(lambda: len(other.source.assignment()) == 1)
            (taken,) = other.source.assignment()
            await until(lambda: other.writer.committed().get(taken) == 80)
            hold.release()
            for number in (0, 1):
                broker.append(messages(80, 40, contact=number), partition=number)
            await settled(stage, {0: 120, 1: 120})
            unrest = other.writer.unrest()
        await until(lambda: len(worker.source.assignment()) == 2)
        for number in (0, 1):
            broker.append(messages(120, 10, contact=number), partition=number)
        return unrest | await _all_stored(stage, broker, worker)


async def lost_read(stage: Stage, client: Client) -> Findings:
    """An answer leaves offsets out, once: they are there and must be read again."""
    async with running_broker() as broker, reading(stage, broker, client) as worker:
        await worker.placed([partition(0)])
        broker.append(messages(0, 40))
        await until(lambda: worker.writer.committed()[partition(0)] == 40)
        skip = broker.faults.skip(0, 40, 70)
        broker.append(messages(40, 60))
        stuck = await settled(stage, {0: 100}, also=worker.raise_what_ended)
        assert skip.happened == 1, "the fault did not happen"
        return stuck | await compare(stage, {0: range(100)})


async def true_hole(stage: Stage, client: Client) -> Findings:
    """The log has no records at some offsets, and its start says that none were deleted: read twice, then accepted."""
    async with running_broker() as broker, reading(stage, broker, client) as worker:
        await worker.placed([partition(0)])
        broker.append(messages(0, 40))
        await until(lambda: worker.writer.committed()[partition(0)] == 40)
        broker.log().leave_out(30)
        broker.append(messages(40, 30))
        stuck = await settled(stage, {0: 100}, also=worker.raise_what_ended)
        found = await compare(stage, {0: [*range(40), *range(70, 100)]})
        asked = worker.writer.jumps == [Jump.ACCEPT]
        return stuck | found | only_wrong({"not asked": not asked})


async def deleted_unread(stage: Stage, client: Client, *, amid_reading: bool) -> Findings:
    """Retention passes the reader: a halt with the range. Either it is idle, or it has just read what lies behind."""
    async with running_broker() as broker, reading(stage, broker, client) as worker:
        await worker.placed([partition(0)])
        broker.append(messages(0, 40))
        await until(lambda: worker.writer.committed()[partition(0)] == 40)
        if amid_reading:
            skip = broker.faults.skip(0, 40, 70, times=None)
            broker.append(messages(40, 60))
            await until(lambda: skip.happened > 0)
            broker.log().cut(70)
        else:
            broker.log().append(messages(40, 60))
            broker.log().cut(70)
            broker.tell()
        await until(
            lambda: worker.writer.committed()[partition(0)] == 100 or Jump.STOP in worker.writer.jumps
        )
        row = await stage.pool.fetchrow("SELECT * FROM log.checkpoint")
        assert row is not None
        halted = (row["halted_reason"], row["halted_from"], row["halted_to"]) == ("gap", 40, 70)
        return only_wrong({"not halted": not halted}) | await compare(stage, {0: range(40)})


_EACH: dict[str, Callable[..., Awaitable[Findings]]] = {
    "a fetch in hand when a rebalance comes": fetch_in_hand,
    "an answer held until a rebalance has begun": partial(held_answer, until_joined=False),
    "an answer held until a rebalance has ended": partial(held_answer, until_joined=True),
    "a partition that moved and came back": moved_and_back,
    "a lost read": lost_read,
    "a hole in the log": true_hole,
    "events deleted unread": partial(deleted_unread, amid_reading=False),
    "events deleted between two reads": partial(deleted_unread, amid_reading=True),
}
CHECKS: dict[str, Check] = {
    f"{name}, {client}": partial(check, client=client)
    for client in ("faust", "aiokafka")
    for name, check in _EACH.items()
}
"""By name: each fault, to each client."""


async def _all_stored(stage: Stage, broker: Broker, worker: BrokerWorker) -> Findings:
    ends = {number: broker.log(number).end for number in (0, 1)}
    stuck = await settled(stage, ends, also=worker.raise_what_ended)
    found = await compare(stage, {number: range(end) for number, end in ends.items()})
    return stuck | found | worker.writer.unrest()


async def _rebalanced(broker: Broker, worker: BrokerWorker, *, until_joined: bool) -> None:
    """Begins a rebalance, and waits until the worker gives its partitions up or has new ones."""
    group = broker.group(GROUP)
    quiesced, generation = worker.writer.quiesced, group.generation
    group.rebalance()
    await until(lambda: worker.writer.quiesced > quiesced)
    if until_joined:
        await until(lambda: group.generation > generation and group.state is State.STABLE)


@contextlib.asynccontextmanager
async def _rows_locked(stage: Stage) -> AsyncIterator[None]:
    """Nobody moves a checkpoint meanwhile."""
    async with stage.pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT 1 FROM log.checkpoint FOR UPDATE")
        yield
