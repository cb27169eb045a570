"""What happens to workers: killed, stopped, frozen, cut off, joined by another. Each measures which window it hit."""

import asyncio
import random
import signal
import time

from tests.support.faults.observer import LOST
from tests.support.faults.scene import FEWEST, Scene, until
from tests.support.faults.schedule import Aim, Fault, Kind
from tests.support.faults.windows import Window
from tests.support.faults.workers import SESSION_SECONDS, Slot

AIM_SECONDS = 12.0
BACKLOG = 1_500
"""Records; three batches of a drill's workers."""


async def kill(scene: Scene, fault: Fault) -> None:
    """SIGKILL. It is stopped for a moment first, so that what is seen is what it dies in."""
    slot = await _victim(scene, fault)
    async with slot.busy:
        if fault.aim is Aim.STARTING:
            await _kill_starting(scene, slot)
            return
        if fault.aim is Aim.IDLE:
            scene.traffic.hold()
            try:
                idle = await until(lambda: _idle(scene, slot), AIM_SECONDS, every=0.1)
                slot.kill()
            finally:
                scene.traffic.release()
            scene.windows.hit(Window.KILLED_IDLE, when=idle)
        elif fault.aim is Aim.BEFORE_HINT:
            hit = await _stop_before_hint(scene, slot)
            slot.kill()
            scene.windows.hit(Window.KILLED_BEFORE_HINT, when=hit)
        else:
            await _stop_aimed(scene, slot, fault.aim)
            in_batch = await scene.observer.in_batch(slot.to_postgres)
            slot.kill()
            scene.windows.hit(Window.KILLED_IN_BATCH, when=in_batch)
        slot.start()


async def terminate(scene: Scene, fault: Fault) -> None:
    """SIGTERM, then a new life."""
    slot = await _victim(scene, fault)
    async with slot.busy:
        if not await slot.wait_answering():
            return
        await _stop_aimed(scene, slot, fault.aim)
        in_batch = await scene.observer.in_batch(slot.to_postgres)
        scene.windows.hit(Window.STOPPED_IN_BATCH, when=in_batch)
        await stop(scene, slot)
        slot.start()


async def stop(scene: Scene, slot: Slot) -> None:
    """SIGTERM and the end, which must be clean."""
    began = time.monotonic()
    code = await slot.terminate()
    scene.exits.append(time.monotonic() - began)
    if code != 0:
        scene.wrong.append(f"{slot.name} was asked to stop and ended with code {code}:\n{slot.last_words()}")


async def freeze(scene: Scene, fault: Fault) -> None:
    """SIGSTOP until the group has given its partitions away, then SIGCONT: now it is a zombie with a batch in hand."""
    slot = await _victim(scene, fault)
    async with slot.busy:
        await slot.wait_answering()
        await scene.scrape()
        before = scene.fenced()
        had = slot.gauge("partitions") > 0
        async with slot.to_postgres.slow(0.02, 0.06):  # so that batches are long and some wait behind
            await asyncio.sleep(1.0)
            await _stop_aimed(scene, slot, fault.aim)
            in_batch = await scene.observer.in_batch(slot.to_postgres)
        scene.windows.hit(Window.FROZEN_IN_BATCH, when=in_batch)
        try:
            await asyncio.sleep(SESSION_SECONDS + 1.5)
            given = await until(lambda: _given_away(scene, slot), 12.0, every=0.3)
            await asyncio.sleep(random.uniform(0.0, 1.0))
        finally:
            slot.send(signal.SIGCONT)
        scene.windows.hit(Window.RESUMED_AFTER_LOSING, when=had and given)
        if had and given:
            fenced = await until(lambda: _fenced_since(scene, before), 6.0, every=0.3)
            scene.windows.hit(Window.ZOMBIE_FENCED, when=fenced)


async def cut_off(scene: Scene, fault: Fault) -> None:
    """It lives, it reaches the database, but Kafka no longer hears of it: the group replaces it."""
    slot = await _victim(scene, fault)
    async with slot.busy:
        await slot.wait_answering()
        await scene.scrape()
        before = scene.fenced()
        had = slot.gauge("partitions") > 0
        async with slot.to_kafka.silent(), slot.to_postgres.slow(0.05, 0.15):
            await asyncio.sleep(SESSION_SECONDS + 1.5)
            given = await until(lambda: _given_away(scene, slot), 12.0, every=0.3)
            scene.windows.hit(Window.REPLACED_WHILE_CUT_OFF, when=had and given and slot.running())
        await scene.scrape()
        scene.windows.hit(Window.ZOMBIE_FENCED, when=given and scene.fenced() > before)


async def join(scene: Scene, _fault: Fault) -> None:
    """One more worker, or a leave first where all slots are taken."""
    slot = next((slot for slot in scene.slots if not slot.wanted), None)
    if slot is None:
        slot = scene.slots[-1]
        async with slot.busy:
            if slot.wanted and await slot.wait_answering():
                await stop(scene, slot)
    async with slot.busy:
        if not slot.wanted:
            slot.start()


async def leave(scene: Scene, fault: Fault) -> None:
    """One worker less, if enough are left; else another joins first."""
    if len(scene.wanted()) <= FEWEST:
        await join(scene, fault)
    slot = await _victim(scene, fault, among=[slot for slot in scene.slots if not slot.fixed])
    async with slot.busy:
        if slot.wanted and await slot.wait_answering():
            await stop(scene, slot)


async def rebalance(scene: Scene, fault: Fault) -> None:
    """While a lock keeps the batches of all workers open, one more joins."""
    free = next((slot for slot in scene.slots if not slot.wanted and not slot.fixed), None)
    if free is None:
        await leave(scene, fault)
        free = next((slot for slot in scene.slots if not slot.wanted), scene.slots[-1])
    async with free.busy:
        if not free.wanted:
            free.start()  # it takes seconds until it joins
        try:
            async with scene.observer.held_checkpoints():
                hit = await until(lambda: _rebalanced_in_batch(scene, free), 9.0, every=0.1)
        except LOST:
            return  # the database went away under the lock
    scene.windows.hit(Window.REBALANCED_IN_BATCH, when=hit)


async def _rebalanced_in_batch(scene: Scene, joined: Slot) -> bool:
    """Whether a worker whose batch waits for the lock has lost its partitions meanwhile."""
    waiting = {session.port for session in await scene.observer.sessions() if session.waits}
    caught = [
        slot
        for slot in scene.wanted()
        if slot is not joined and waiting & slot.to_postgres.server_ports() and slot.running()
    ]
    before = [slot.count("rebalances_total") for slot in caught]
    await asyncio.gather(*(slot.scrape() for slot in caught))
    return any(slot.count("rebalances_total") > count for slot, count in zip(caught, before, strict=True))


async def _kill_starting(scene: Scene, slot: Slot) -> None:
    slot.kill()
    slot.start()
    await asyncio.sleep(random.uniform(0.3, 3.0))
    await slot.scrape()
    scene.windows.hit(Window.KILLED_STARTING, when=slot.gauge("partitions") == 0 and slot.running())
    slot.kill()
    slot.start()


async def _victim(scene: Scene, fault: Fault, among: list[Slot] | None = None) -> Slot:
    """The slot of the fault if it has a worker, else the next one that has."""
    slots = among or scene.slots
    order = [slots[(fault.slot + step) % len(slots)] for step in range(len(slots))]
    wanted = [slot for slot in order if slot.wanted and not slot.busy.locked()] or order
    if fault.aim in (Aim.IN_BATCH, Aim.BEFORE_HINT) or fault.kind in (Kind.CUT_OFF, Kind.FREEZE):
        # Such a fault needs a worker with something to do.
        await scene.scrape()
        wanted = [slot for slot in wanted if slot.gauge("partitions")] or wanted
    return wanted[0]


async def _stop_aimed(scene: Scene, slot: Slot, aim: Aim) -> None:
    """Stops the worker; for an aim at a batch again and again, until it stands in one."""
    await slot.scrape()
    deadline = time.monotonic() + AIM_SECONDS
    while True:
        if aim is Aim.IN_BATCH:
            await until(lambda: scene.observer.in_batch(slot.to_postgres), 2.0, every=0.001)
        slot.send(signal.SIGSTOP)
        if aim is not Aim.IN_BATCH or time.monotonic() > deadline:
            return
        if await scene.observer.in_batch(slot.to_postgres):
            return
        slot.send(signal.SIGCONT)


async def _stop_before_hint(scene: Scene, slot: Slot) -> bool:
    """Stops the worker between two batches; answers whether Kafka was told less than it has committed by then."""
    deadline = time.monotonic() + AIM_SECONDS
    while time.monotonic() < deadline:
        await slot.scrape()
        if await _moved(scene, slot.partitions(), 2.0):
            slot.send(signal.SIGSTOP)
            if not await scene.observer.in_batch(slot.to_postgres):
                positions = dict(await scene.observer.look())
                hinted = await scene.servers.hinted(scene.topic, scene.group)
                if hinted is not None and any(
                    positions.get(number, 0) > hinted.get(number, 0) for number in slot.partitions()
                ):
                    return True
            slot.send(signal.SIGCONT)
    return False


async def _moved(scene: Scene, partitions: set[int], seconds: float) -> bool:
    """Whether the checkpoint of one of these partitions moves in time."""
    before = dict(await scene.observer.look())

    async def moved() -> bool:
        now = await scene.observer.look()
        return any(now.get(number) != before.get(number) for number in partitions)

    return await until(moved, seconds, every=0.005)


async def _idle(scene: Scene, slot: Slot) -> bool:
    await scene.observer.look()
    await slot.scrape()
    return (
        scene.lag() == 0
        and slot.gauge("partitions") > 0
        and not await scene.observer.in_batch(slot.to_postgres)
    )


async def _given_away(scene: Scene, slot: Slot) -> bool:
    await asyncio.gather(*(other.scrape() for other in scene.wanted() if other is not slot))
    return scene.owned_by_others(slot)


async def _fenced_since(scene: Scene, before: int) -> bool:
    await scene.scrape()
    return scene.fenced() > before
