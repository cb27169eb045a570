"""Offsets without records, and partitions that were not there: no reason to halt, to lag, or to miss an event."""

import asyncio
import uuid

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaConsumer
from kafka import TopicPartition as ClientPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from tests.support.faults.directed import CONTACTS, Scene
from tests.support.faults.directed_cli import bitacora
from tests.support.faults.directed_health import metric


async def begin(scene: Scene, producer: AIOKafkaProducer, count: int) -> set[uuid.UUID]:
    """Sends records in a transaction that it leaves open; answers their events."""
    await producer.begin_transaction()
    sendings = scene.messages(count)
    for each in sendings:
        await producer.send(scene.topic, key=each.key, value=each.value, partition=each.partition)
    await producer.flush()
    return {each.event_id for each in sendings}


@pytest.mark.parametrize("scene", ["faust", "aiokafka"], indirect=True)
async def test_aborted_transactions_leave_no_event_and_no_lag_behind(scene: Scene) -> None:
    worker = scene.start(ingest_stall_seconds="3")
    producer = AIOKafkaProducer(
        bootstrap_servers=scene.bootstrap, transactional_id=f"directed-{uuid.uuid4().hex[:8]}"
    )
    await producer.start()
    try:
        for turn in range(30):
            events = await begin(scene, producer, 20)
            if turn % 5 in {1, 4}:  # two of five, and the last ones among them
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
                scene.books.events |= events
        await scene.caught_up()
        assert len(scene.books.events) == 360
        lag = await bitacora(scene, "lag", "--topic", scene.topic)
        assert [partition["lag"] for partition in lag["partitions"]] == [0, 0]

        waiting = await begin(scene, producer, 20)  # nobody can read these yet, and nobody waits for us
        await scene.caught_up()
        assert (await bitacora(scene, "lag", "--topic", scene.topic))["total"] == 0
        await asyncio.sleep(4)  # longer than a stall may last
        assert worker.exit_code() is None, worker.log()[-2_000:]
        assert await metric(worker, "bitacora_ingest_lag_records{") == 0
        await producer.commit_transaction()
        scene.books.events |= waiting
        await scene.caught_up()
    finally:
        await producer.stop()
    assert "partition_halted" not in worker.log()
    await scene.settled()


async def test_a_compacted_topic_gives_all_that_is_left_of_it_without_halt_or_endless_reading(
    scene: Scene,
) -> None:
    await asyncio.to_thread(scene.admin, lambda client: compact_often(client, scene.topic))
    worker = scene.start()
    await scene.write(100)
    await scene.caught_up()
    await scene.stop(worker)
    sendings = await scene.write(1_000)
    ends: dict[int, int] = {number: log.end for number, log in (await scene.ranges()).items()}
    await asyncio.sleep(0.3)
    await scene.write(4)  # begins the next segment: the one in use is never compacted

    async def compacted() -> bool:
        return len(await asyncio.to_thread(left_of, scene, ends)) <= CONTACTS

    await scene.until(compacted, what="compacted")
    left = await asyncio.to_thread(left_of, scene, ends)
    last = {each.key: each.event_id for each in sendings}
    assert set(last.values()) == left, "compaction keeps the last record of each key"
    scene.books.lost |= {each.event_id for each in sendings} - left
    worker.start()
    await scene.caught_up()
    await scene.ready(worker)
    await asyncio.sleep(2)
    assert worker.log().count("hole_accepted") >= 2, "the log has a hole in each partition"
    assert worker.log().count("hole_read_again") <= 4, "each hole is read twice, not for ever"
    assert "partition_halted" not in worker.log()
    logged = {row["event_id"] for row in await scene.fetch("SELECT event_id FROM log.event_log")}
    assert left <= logged
    await scene.settled()


def compact_often(client: KafkaAdminClient, topic: str) -> None:
    """Lets the topic be compacted as soon as a segment is full, which it is at once."""
    configs: dict[str, str] = {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.001",
        "max.compaction.lag.ms": "200",
    }
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])
    client.alter_configs([ConfigResource(ConfigResourceType.BROKER, "1", {"log.cleaner.backoff.ms": "200"})])


def left_of(scene: Scene, ends: dict[int, int]) -> set[uuid.UUID]:
    """The events below these ends that the topic still has and that the worker has not read."""
    consumer = KafkaConsumer(bootstrap_servers=scene.bootstrap, enable_auto_commit=False)
    found = set()
    try:
        for number, end in ends.items():
            place = ClientPartition(scene.topic, number)
            consumer.assign([place])
            consumer.seek(place, 50)
            while consumer.position(place) < end:
                for record in consumer.poll(timeout_ms=500).get(place, []):
                    if record.offset < end:
                        found.add(uuid.UUID(msgspec.json.decode(record.value)["id"]))
    finally:
        consumer.close()
    return found


@pytest.mark.parametrize("scene", ["faust", "aiokafka"], indirect=True)
async def test_partitions_that_are_added_under_two_workers_are_read_from_their_start(scene: Scene) -> None:
    workers = [scene.start() for _ in range(2)]
    await scene.write(200)
    await scene.caught_up()
    await asyncio.to_thread(scene.admin, lambda client: client.create_partitions({scene.topic: 5}))
    await asyncio.sleep(0.5)
    await scene.write(500, first_contact=100, partitions=5)
    await scene.caught_up()
    assert len(await scene.positions()) == 5
    await scene.write(100, first_contact=100, partitions=5)
    await scene.caught_up()
    for worker in workers:
        await scene.ready(worker)
        assert "partition_halted" not in worker.log()
    await scene.settled()
