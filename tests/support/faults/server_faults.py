"""What happens to the servers and on the way to them. Each fault measures which window it hit."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from tests.support.faults.proxy import FaultProxy
from tests.support.faults.scene import Scene, until
from tests.support.faults.schedule import Aim, Fault
from tests.support.faults.windows import Window
from tests.support.faults.worker_faults import AIM_SECONDS, BACKLOG, stop

BROKER_FROZEN_SECONDS = 10.0

Act = Callable[[], Awaitable[None]]


async def crash_database(scene: Scene, fault: Fault) -> None:
    """An immediate stop and a start."""
    in_batch = await _some_batch(scene, fault.aim)
    try:
        await scene.servers.crash_postgres()
        scene.windows.hit(Window.DATABASE_CRASHED_IN_BATCH, when=in_batch)
        await asyncio.sleep(random.uniform(0.0, 2.0))
    finally:
        await scene.servers.revive_postgres()


async def stop_without_database(scene: Scene, _fault: Fault) -> None:
    """The database crashes, and a worker that waits for it is asked to stop."""
    servers = scene.servers
    stopped = await _stop_without(scene, servers.crash_postgres, servers.revive_postgres)
    scene.windows.hit(Window.STOPPED_WITHOUT_DATABASE, when=stopped)


async def stop_without_broker(scene: Scene, _fault: Fault) -> None:
    """The broker is killed, and a worker that cannot leave the group is asked to stop."""
    servers = scene.servers
    stopped = await _stop_without(scene, servers.crash_kafka, servers.revive_kafka)
    scene.windows.hit(Window.STOPPED_WITHOUT_BROKER, when=stopped)


async def end_sessions(scene: Scene, fault: Fault) -> None:
    """`pg_terminate_backend` on every session of the workers."""
    in_batch = await _some_batch(scene, fault.aim)
    ended = await scene.observer.end_sessions()
    scene.windows.hit(Window.SESSION_ENDED_IN_BATCH, when=in_batch and ended > 0)


async def lose_commit(scene: Scene, _fault: Fault) -> None:
    """A COMMIT that arrives and whose answer does not: whoever comes first on one of the ways."""
    found = await asyncio.gather(
        *(slot.to_postgres.lose_commit_answer(AIM_SECONDS) for slot in scene.wanted()[:1])
    )
    scene.windows.hit(Window.COMMIT_ANSWER_LOST, when=any(found))


async def reset_database(scene: Scene, fault: Fault) -> None:
    """Every connection to the database is reset, on all ways."""
    in_batch = await _some_batch(scene, fault.aim)
    cut = sum(proxy.cut() for proxy in scene.servers.to_postgres)
    scene.windows.hit(Window.CONNECTION_RESET_IN_BATCH, when=in_batch and cut > 0)


async def late_database(scene: Scene, _fault: Fault) -> None:
    """Every packet takes its time."""
    await _slowed(scene.servers.to_postgres, 0.01, 0.05, random.uniform(3.0, 6.0))


async def slow_database(scene: Scene, _fault: Fault) -> None:
    """So slow that a backlog grows; then a worker is killed in it."""
    async with AsyncExitStack() as stack:
        for proxy in scene.servers.to_postgres:
            await stack.enter_async_context(proxy.slow(0.1, 0.3))

        async def backlog() -> bool:
            await scene.observer.look()
            return scene.lag() > BACKLOG

        await asyncio.sleep(2.0)
        grown = await until(backlog, 15.0, every=0.2)
        slot = next((slot for slot in scene.wanted() if not slot.busy.locked()), None)
        if slot is not None:
            async with slot.busy:
                slot.kill()
                slot.start()
            scene.windows.hit(Window.KILLED_IN_BACKLOG, when=grown)


async def kill_broker(scene: Scene, _fault: Fault) -> None:
    """SIGKILL and a start."""
    scene.windows.hit(Window.BROKER_KILLED_UNDER_LOAD, when=await _under_load(scene))
    try:
        await scene.servers.crash_kafka()
        await asyncio.sleep(random.uniform(0.0, 2.0))
    finally:
        await scene.servers.revive_kafka()


async def freeze_broker(scene: Scene, _fault: Fault) -> None:
    """SIGSTOP for longer than the workers' sessions, then SIGCONT."""
    scene.windows.hit(Window.BROKER_FROZEN_UNDER_LOAD, when=await _under_load(scene))
    async with scene.servers.frozen_kafka():
        await asyncio.sleep(BROKER_FROZEN_SECONDS)


async def reset_broker(scene: Scene, _fault: Fault) -> None:
    """Every connection of the workers to the broker is reset."""
    for proxy in scene.servers.to_kafka:
        proxy.cut()


async def late_broker(scene: Scene, _fault: Fault) -> None:
    """Every packet takes its time."""
    await _slowed(scene.servers.to_kafka, 0.02, 0.1, random.uniform(3.0, 6.0))


async def _slowed(proxies: tuple[FaultProxy, ...], least: float, most: float, seconds: float) -> None:
    async with AsyncExitStack() as stack:
        for proxy in proxies:
            await stack.enter_async_context(proxy.slow(least, most))
        await asyncio.sleep(seconds)


async def _some_batch(scene: Scene, aim: Aim) -> bool:
    """Waits, if so aimed, until some worker is amid a batch; answers whether one is."""

    async def open_now() -> bool:
        return any(session.in_batch for session in await scene.observer.sessions())

    return await until(open_now, AIM_SECONDS if aim is Aim.IN_BATCH else 0.0, every=0.001)


async def _under_load(scene: Scene) -> bool:
    """Waits until records were acknowledged within the last moment."""
    before = scene.ledger.acknowledged

    async def more() -> bool:
        return scene.ledger.acknowledged > before

    return await until(more, AIM_SECONDS, every=0.05)


async def _stop_without(scene: Scene, crash: Act, revive: Act) -> bool:
    """Crashes a server, stops a worker that has lost it, brings both back; False when no worker was to be had."""
    slot = next((slot for slot in scene.wanted() if not slot.busy.locked()), None)
    if slot is None:
        return False
    async with slot.busy:
        ready = await slot.wait_answering()
        try:
            await crash()
            await asyncio.sleep(0.5)
            if ready:
                await stop(scene, slot)
        finally:
            await revive()
        if not slot.wanted:
            slot.start()
    return ready
