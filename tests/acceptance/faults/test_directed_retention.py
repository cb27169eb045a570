"""Kafka deletes what was not read yet: the partition halts, says what is lost, and nothing is skipped in silence."""

import asyncio
import json
import signal

import pytest

from tests.support.faults.directed import Scene
from tests.support.faults.directed_cli import accept, bitacora


async def test_retention_that_passes_a_stopped_worker_halts_its_partition_alone(scene: Scene) -> None:
    worker = scene.start()
    await scene.write(200)
    await scene.caught_up()
    await scene.stop(worker)
    read = (await scene.positions())[0]
    lost = await scene.write(150, only=0)
    await scene.write(150)
    await scene.delete_records(0, read + 150)
    scene.books.lost |= {each.event_id for each in lost}

    worker.start()
    row = await scene.halted(0)
    assert (row["halted_reason"], row["halted_from"], row["halted_to"]) == ("gap", read, read + 150)
    await scene.caught_up(but=[0])
    await scene.unready(worker, "partitions", f"halted: {scene.topic}/0")
    lag = await bitacora(scene, "lag", "--topic", scene.topic)
    assert [partition["halted"] for partition in lag["partitions"]] == ["gap", None]
    await scene.write(100)
    await scene.caught_up(but=[0])
    assert (await scene.positions())[0] == read, "nothing behind the gap is read before somebody decides"

    done = await accept(scene, "gap", 0)
    assert (done["lost_from"], done["lost_to"]) == (read, read + 150)
    await scene.caught_up()
    await scene.ready(worker)
    (audit,) = await scene.fetch("SELECT action, object_id, detail::text FROM ops.audit_entry")
    assert (audit["action"], audit["object_id"]) == ("log.gap_accept", f"{scene.topic}/0")
    detail = json.loads(audit["detail"])
    assert (detail["lost_from"], detail["lost_to"]) == (read, read + 150)
    assert "partition_halted" in worker.log()
    await scene.settled()


@pytest.mark.parametrize("scene", ["faust", "aiokafka"], indirect=True)
async def test_retention_that_passes_a_frozen_worker_halts_its_partition_in_the_stream(scene: Scene) -> None:
    worker = scene.start(ingest_session_timeout_seconds="30", ingest_check_seconds="3600")
    await scene.write(200)
    await scene.caught_up()
    await scene.ready(worker)  # the periodic look is over, so only the stream can notice
    read = (await scene.positions())[0]
    worker.send(signal.SIGSTOP)
    try:
        await asyncio.sleep(1.5)  # the fetch that waits at the broker comes back empty
        lost = await scene.write(150, only=0)
        await scene.write(150)
        await scene.delete_records(0, read + 150)
        scene.books.lost |= {each.event_id for each in lost}
    finally:
        worker.send(signal.SIGCONT)
    row = await scene.halted(0)
    assert (row["halted_reason"], row["halted_from"], row["halted_to"]) == ("gap", read, read + 150)
    await scene.caught_up(but=[0])
    await scene.stop(worker)

    worker = scene.start()  # one that looks often, so that the decision is noticed at once
    await scene.unready(worker, "partitions", f"halted: {scene.topic}/0")
    await accept(scene, "gap", 0)
    await scene.caught_up()
    await scene.ready(worker)
    await scene.settled()


async def test_retention_that_empties_a_partition_under_a_frozen_worker_halts_it_without_any_record(
    scene: Scene,
) -> None:
    worker = scene.start(ingest_session_timeout_seconds="30", ingest_check_seconds="3600")
    await scene.write(100)
    await scene.caught_up()
    await scene.ready(worker)  # the periodic look is over, so only the stream can notice
    read = (await scene.positions())[0]
    worker.send(signal.SIGSTOP)
    try:
        await asyncio.sleep(1.5)
        lost = await scene.write(80, only=0)
        await scene.delete_records(0, read + 80)
        scene.books.lost |= {each.event_id for each in lost}
    finally:
        worker.send(signal.SIGCONT)
    row = await scene.halted(0)
    assert (row["halted_reason"], row["halted_from"], row["halted_to"]) == ("gap", read, read + 80)
    await accept(scene, "gap", 0)
    await scene.stop(worker)
    scene.start()
    await scene.write(40)
    await scene.caught_up()
    await scene.settled()
