"""Workers that have nothing to do, or cannot get on: the one is ready to take over, the other ends and is restarted."""

import asyncio

import asyncpg
import pytest

from tests.support.faults.directed import Scene


@pytest.mark.parametrize("scene", ["faust", "aiokafka"], indirect=True)
async def test_a_worker_without_partitions_is_ready_and_takes_over_when_the_others_end(scene: Scene) -> None:
    workers = [scene.start() for _ in range(3)]  # for two partitions
    for worker in workers:
        await scene.ready(worker)
    await scene.write(200)
    await scene.caught_up()
    await asyncio.gather(*(scene.stop(worker) for worker in workers[:2]))
    await scene.write(200)
    await scene.caught_up()
    await scene.ready(workers[2])
    await scene.settled()


async def test_a_worker_that_lags_and_commits_nothing_for_too_long_ends_by_name_and_misses_nothing(
    scene: Scene,
) -> None:
    worker = scene.start(ingest_stall_seconds="3")
    await scene.write(100)
    await scene.caught_up()
    holder = await asyncpg.connect(scene.dsn)
    try:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM log.checkpoint FOR UPDATE")
            await scene.write(200)
            code = await asyncio.to_thread(worker.wait_ended, 60)
    finally:
        await holder.close()
    assert code == 1, worker.log()[-3_000:]
    assert "ingest_stalled" in worker.log()
    assert "StalledError" in worker.log()
    assert len(await scene.fetch("SELECT 1 FROM log.event_log")) == 100
    worker.start()
    await scene.caught_up()
    await scene.ready(worker)
    await scene.settled()
