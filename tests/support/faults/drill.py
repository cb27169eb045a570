"""One round of the drill: workers under load, faults from a schedule, then silence, a drain and the judgement."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.faults import server_faults, worker_faults
from tests.support.faults.ledger import Ledger
from tests.support.faults.observer import Observer
from tests.support.faults.oracle import judge
from tests.support.faults.report import Round, round_of
from tests.support.faults.scene import Scene, until
from tests.support.faults.schedule import MAKE_UP, Fault, Kind, draw
from tests.support.faults.servers import SLOTS, Servers
from tests.support.faults.stalls import Stalls
from tests.support.faults.traffic import Traffic
from tests.support.faults.windows import Window, missed
from tests.support.faults.workers import Slot, worker_settings

WORKERS_AT_FIRST = 3
DRAIN_STALL_SECONDS = 60.0
WATCH_SECONDS = 0.25
TOO_OFTEN = 5
MAKE_UP_ATTEMPTS = 3
MAKE_UP_RECORDS = 5_000
STANDSTILL_SECONDS = 150.0
PATIENCE_SECONDS = 10.0

Act = Callable[[Scene, Fault], Awaitable[None]]
ACTS: Mapping[Kind, Act] = {
    Kind.KILL: worker_faults.kill,
    Kind.TERMINATE: worker_faults.terminate,
    Kind.FREEZE: worker_faults.freeze,
    Kind.JOIN: worker_faults.join,
    Kind.LEAVE: worker_faults.leave,
    Kind.REBALANCE: worker_faults.rebalance,
    Kind.CUT_OFF: worker_faults.cut_off,
    Kind.DATABASE_CRASH: server_faults.crash_database,
    Kind.DATABASE_AWAY: server_faults.stop_without_database,
    Kind.SESSIONS_ENDED: server_faults.end_sessions,
    Kind.COMMIT_LOST: server_faults.lose_commit,
    Kind.DATABASE_RESET: server_faults.reset_database,
    Kind.DATABASE_LATE: server_faults.late_database,
    Kind.DATABASE_SLOW: server_faults.slow_database,
    Kind.BROKER_KILL: server_faults.kill_broker,
    Kind.BROKER_AWAY: server_faults.stop_without_broker,
    Kind.BROKER_FREEZE: server_faults.freeze_broker,
    Kind.BROKER_RESET: server_faults.reset_broker,
    Kind.BROKER_LATE: server_faults.late_broker,
}


class TooManyEndsError(Exception):
    """A worker ends by itself again and again: there is nothing to drill."""


class StandstillError(Exception):
    """A partition has had something to do for minutes, and nobody did it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a round is to be: with the same order it tells the same story, as far as the machine allows."""

    seed: int
    kills: int
    records: int
    source: str = "faust"
    canary: str | None = None
    """A build that is broken on purpose, to see whether the drill finds it out."""


async def run_round(servers: Servers, order: Order, folder: Path, say: Callable[[str], None]) -> Round:
    """Plays a round on a fresh topic and database. Never raises for what the drill is looking for: see Round."""
    began = time.monotonic()
    database, topic = await servers.new_database(), await servers.new_topic()
    scene = _set_scene(servers, order, database, topic, folder, say)
    try:
        for slot in scene.slots[:WORKERS_AT_FIRST]:
            slot.start()
        schedule = draw(order.seed, kills=order.kills, slots=SLOTS)
        stalls = Stalls(scene)
        scene.traffic.start()
        async with _watched(scene, stalls):
            await _play(scene, schedule.workers, schedule.servers)
            await _make_up(scene)
            await asyncio.to_thread(scene.traffic.stop)
            ends = await servers.log_ends(topic)
            await _drain(scene, ends)
        await scene.scrape()
        for slot in scene.wanted():
            await slot.wait_answering()
            await worker_faults.stop(scene, slot)
        _count_redone(scene)
        verdict = await judge(servers.postgres.dsn_of(database), scene.ledger, ends)
        return round_of(order.seed, order.source, scene, verdict, stalls, seconds=time.monotonic() - began)
    finally:
        for slot in scene.slots:
            slot.close()
        await scene.observer.close()
        await servers.drop_database(database)


def _set_scene(
    servers: Servers, order: Order, database: str, topic: str, folder: Path, say: Callable[[str], None]
) -> Scene:
    group = f"drill-{uuid.uuid4().hex[:10]}"
    direct = servers.postgres.dsn_of(database)
    slots = []
    for number in range(SLOTS):
        to_kafka, to_postgres = servers.to_kafka[number], servers.to_postgres[number]
        settings = worker_settings(
            bootstrap=f"127.0.0.1:{to_kafka.port}",
            dsn=direct.replace(f":{servers.postgres.port}/", f":{to_postgres.port}/"),
            topic=topic,
            group=group,
            source=order.source,
            canary=order.canary,
            number=number,
            folder=folder,
        )
        (folder / f"worker-{number}").mkdir(parents=True, exist_ok=True)
        slots.append(Slot(number, settings, to_kafka, to_postgres, folder))
    ledger = Ledger()
    superuser = servers.postgres.superuser_dsn.rpartition("/")[0]
    return Scene(
        servers=servers,
        slots=slots,
        observer=Observer(f"{superuser}/{database}"),
        traffic=Traffic(servers.kafka.bootstrap, topic, ledger, seed=order.seed, records=order.records),
        ledger=ledger,
        topic=topic,
        group=group,
        say=say,
    )


async def _play(scene: Scene, workers: Sequence[Fault], others: Sequence[Fault]) -> None:
    """Both rows at once, each fault after the one before it."""
    total = len(workers) + len(others)
    done = 0

    async def row(faults: Sequence[Fault]) -> None:
        nonlocal done
        for fault in faults:
            if fault.patient:
                await _get_on(scene)
            await asyncio.sleep(fault.pause)
            done += 1
            await _strike(scene, fault, f"{done:3}/{total}")
            scene.traffic.progress = max(done / total - 0.05, 0.0)

    async with asyncio.TaskGroup() as group:
        group.create_task(row(workers))
        group.create_task(row(others))


async def _get_on(scene: Scene) -> None:
    """Until every partition has moved or has nothing to do."""
    began = time.monotonic()

    async def all_moved() -> bool:
        positions = await scene.observer.look()
        return all(
            positions.get(number, 0) >= end or scene.observer.moved_at.get(number, 0.0) > began
            for number, end in scene.ledger.ends.items()
        )

    await until(all_moved, PATIENCE_SECONDS, every=0.1)


async def _make_up(scene: Scene) -> None:
    """Faults met each other, as they should, and some missed their windows by it: these strike again, alone."""
    for _ in range(MAKE_UP_ATTEMPTS):
        due = [MAKE_UP[window] for window in missed(scene.windows.hits(), least=1) if window in MAKE_UP]
        for fault in dict.fromkeys(due):
            scene.traffic.send_more(MAKE_UP_RECORDS)
            await asyncio.sleep(1.0)
            await _strike(scene, fault, "again")


async def _strike(scene: Scene, fault: Fault, mark: str) -> None:
    began = time.monotonic()
    await ACTS[fault.kind](scene, fault)
    scene.struck[fault.kind] += 1
    scene.say(
        f"{mark} {fault.kind.value} ({fault.aim.value}), {time.monotonic() - began:.1f} s;"
        f" {scene.ledger.acknowledged:,} acknowledged, {scene.lag():,} behind"
    )


@asynccontextmanager
async def _watched(scene: Scene, stalls: Stalls) -> AsyncIterator[None]:
    """Inside, the workers are looked after; what the watch raises ends the block."""
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(_watch(scene, stalls))
        yield
        watching.cancel()


async def _watch(scene: Scene, stalls: Stalls) -> None:
    """Restarts what ended by itself, which is a fault of ours, and keeps account of who stands still."""
    looks = 0
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        looks += 1
        for slot in scene.slots:
            if slot.wanted and not slot.busy.locked() and not slot.running():
                slot.note_end()
                scene.say(f"{slot.name} ended by itself")
                if len(slot.unasked) >= TOO_OFTEN:
                    raise TooManyEndsError(slot.unasked[0])
                slot.start()
        await scene.observer.look()
        stalls.look()
        if stalls.longest_now() > STANDSTILL_SECONDS:
            raise StandstillError("\n".join(slot.last_words(3) for slot in scene.slots if slot.lives))
        if looks % 4 == 0:
            await scene.scrape()


async def _drain(scene: Scene, ends: Mapping[int, int]) -> None:
    """Until every partition is applied to its end; gives up when nothing moves for a minute."""
    scene.say(f"faults over, {scene.lag():,} behind")
    moved, before = time.monotonic(), dict(scene.observer.positions)
    while (now := dict(await scene.observer.look())) != ends:
        if now != before:
            moved, before = time.monotonic(), now
        if time.monotonic() - moved > DRAIN_STALL_SECONDS:
            logs = "\n".join(slot.last_words(4) for slot in scene.wanted())
            scene.wrong.append(f"nothing moved for a minute at {now}, the log ends at {dict(ends)}:\n{logs}")
            return
        await asyncio.sleep(0.1)


def _count_redone(scene: Scene) -> None:
    windows = scene.windows
    for slot in scene.slots:
        for _ in range(slot.count('redo_total{cause="transient"}')):
            windows.hit(Window.REDONE)
        for _ in range(slot.count('redo_total{cause="repeats"}')):
            windows.hit(Window.REPEATS_FOUND)
