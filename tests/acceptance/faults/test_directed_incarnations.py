"""The topic is deleted and made anew: its offsets begin again at 0, and mean other events."""

import asyncio

import pytest

from tests.support.faults.directed import Scene, Sending
from tests.support.faults.directed_cli import accept


async def write(scene: Scene, count: int) -> None:
    """Good events between two that are none."""
    sendings = [Sending.broken(0), *scene.messages(count), Sending.broken(0)]
    await asyncio.to_thread(scene.send, sendings)


async def halted_by_incarnation(scene: Scene) -> None:
    for partition in (0, 1):
        row = await scene.halted(partition)
        assert row["halted_reason"] == "incarnation"


async def accepted(scene: Scene) -> None:
    for partition in (0, 1):
        done = await accept(scene, "incarnation", partition)
        assert done["goes_on_at"] == 0
    await scene.caught_up()


@pytest.mark.parametrize("scene", ["faust", "aiokafka"], indirect=True)
async def test_a_topic_made_anew_under_a_running_worker_halts_and_is_read_whole_once_accepted(
    scene: Scene,
) -> None:
    worker = scene.start()
    await write(scene, 200)
    await scene.caught_up()
    await scene.recreate_topic()
    await write(scene, 300)  # more than the first one held
    await halted_by_incarnation(scene)
    await scene.unready(worker, "partitions", "halted")
    await accepted(scene)
    await scene.ready(worker)
    await scene.write(100)
    await scene.caught_up()
    await scene.settled()


async def test_a_topic_made_anew_under_a_stopped_worker_halts_and_is_read_whole_once_accepted(
    scene: Scene,
) -> None:
    worker = scene.start()
    await write(scene, 200)
    await scene.caught_up()
    await scene.stop(worker)
    await scene.recreate_topic()
    await write(scene, 120)  # fewer than the first one held
    worker.start()
    await halted_by_incarnation(scene)
    assert len(await scene.fetch("SELECT 1 FROM log.event_log")) == 200
    await accepted(scene)
    await scene.ready(worker)
    letters = await scene.fetch("SELECT DISTINCT topic_id, position FROM log.dead_letter")
    assert len({row["topic_id"] for row in letters}) == 2
    assert len(letters) == 4
    await scene.settled()
