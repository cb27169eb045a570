"""Kafka is killed under a chatbot, the chatbot too, again and again: what it was told is true, and order holds."""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from bitacora_producer import (
    BufferFullError,
    Delivery,
    Limits,
    Producer,
    Receipt,
    SpoolFullError,
    SpoolSettings,
    Thread,
)
from bitacora_schemas.topics import Topic
from kafka.consumer.fetcher import ConsumerRecord

from cli.topics import create_topics
from embedded.child import Child, ChildSpec, Deadline
from embedded.kafka import EmbeddedKafka
from tests.support.topic_reading import all_records

REPOSITORY = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("chatbot_program.py")
ROUNDS = 2
WAIT_SECONDS = 60
SEED = int(os.environ.get("BITACORA_TEST_SEED", "20260302"))


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory, stack_cache: Path) -> Iterator[EmbeddedKafka]:
    """A broker that may be killed."""
    folder = tmp_path_factory.mktemp("kafka")
    with EmbeddedKafka(folder=folder, cache=stack_cache, ephemeral=True) as broker:
        yield broker


@pytest.fixture
def topic(own_kafka: EmbeddedKafka) -> str:
    name = f"away-{uuid4().hex[:8]}"
    create_topics(
        {"bootstrap_servers": own_kafka.bootstrap}, topics=[Topic(name, "thread key", 3, 1, "test")]
    )
    return name


class Chatbot:
    """The program as a process on one spool and one ledger, started again after every kill."""

    def __init__(self, broker: EmbeddedKafka, topic: str, mode: str, folder: Path) -> None:
        self.ledger = folder / "ledger"
        self.spool = folder / "spool"
        self._log = folder / "chatbot.log"
        self._arguments = [broker.bootstrap, topic, str(self.spool), str(self.ledger), mode]
        self._runs = 0
        self._child: Child | None = None
        self.ledger.touch()

    def start(self) -> None:
        self._runs += 1
        path = os.pathsep.join(str(REPOSITORY / part) for part in (".", "schemas", "producer"))
        self._child = Child(
            ChildSpec(
                name="chatbot",
                command=[sys.executable, str(PROGRAM), *self._arguments, str(self._runs * 1_000_000)],
                log=self._log,
                env={**os.environ, "PYTHONPATH": path},
                cwd=REPOSITORY,
            )
        )

    def kill(self) -> None:
        assert self._child is not None
        assert self._child.exit_code() is None, self.log()
        self._child.send(signal.SIGKILL)
        self._child.wait(10)

    def finish(self) -> None:
        """It publishes nothing more, drains its spool and ends."""
        assert self._child is not None
        code = self._child.stop(120)
        assert code == 0, self.log()

    def told(self, state: str) -> list[UUID]:
        """The events of which it was told this, in order; a line that the kill tore is none."""
        lines = [line.split() for line in self.ledger.read_text().split("\n")[:-1]]
        return [UUID(line[1]) for line in lines if line[0] == state]

    def wait_for(self, state: str, more: int) -> None:
        wanted = len(self.told(state)) + more
        wait_until(lambda: len(self.told(state)) >= wanted, f"{more} more {state}", self.log)

    def log(self) -> str:
        return self._log.read_text()[-5_000:]

    def close(self) -> None:
        if self._child is not None and self._child.exit_code() is None:
            self.kill()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("mode", ["threads", "asyncio"])
def test_nothing_that_was_acknowledged_is_lost_though_broker_and_chatbot_are_killed(
    own_kafka: EmbeddedKafka, topic: str, mode: str, tmp_path: Path
) -> None:
    chance = random.Random(f"{SEED}-{mode}")
    chatbot = Chatbot(own_kafka, topic, mode, tmp_path)
    try:
        chatbot.start()
        for _ in range(ROUNDS):
            chatbot.wait_for("acknowledged", 500)
            own_kafka.kill()
            chatbot.wait_for("spooled", 500)
            time.sleep(chance.uniform(0, 0.3))
            chatbot.kill()  # while it writes to its spool
            chatbot.start()
            chatbot.wait_for("spooled", 500)
            own_kafka.launch()
            own_kafka.wait_ready()
            chatbot.wait_for("acknowledged", 100)
            time.sleep(chance.uniform(0, 0.1))
            chatbot.kill()  # while its spool goes to Kafka
            chatbot.start()
        chatbot.wait_for("acknowledged", 500)
        chatbot.finish()
    finally:
        chatbot.close()
    safe = {*chatbot.told("acknowledged"), *chatbot.told("spooled")}
    records = all_records(own_kafka.bootstrap, topic)
    seen = check_order_and_repeats(records)
    print(f"{mode}: {len(safe)} told safe, {len(seen)} events in {len(records)} records")
    assert len(safe) > ROUNDS * 1_500
    assert safe <= seen
    assert chatbot.told("failed") == []
    assert not list(chatbot.spool.glob("*.spool"))
    assert not list(chatbot.spool.glob("*.damaged"))


@pytest.mark.timeout(300)
def test_a_full_spool_gives_the_named_error_and_loses_nothing_that_was_taken(
    own_kafka: EmbeddedKafka, topic: str, tmp_path: Path
) -> None:
    settings = SpoolSettings(tmp_path, max_bytes=200_000, after=0.3)
    told: list[Delivery] = []
    with Producer(
        own_kafka.bootstrap,
        account="acme",
        connection="wa-1",
        topic=topic,
        spool=settings,
        limits=Limits(records=100, wait=0.0),
        on_delivery=told.append,
    ) as producer:
        taken = [publish(producer, 0, 0)]
        producer.drain(WAIT_SECONDS)
        own_kafka.kill()

        def publish_until_full() -> None:
            while True:
                taken.append(publish(producer, 0, len(taken)))

        def is_spool_full() -> bool:
            with pytest.raises(BufferFullError) as full:
                publish_until_full()
            return full.type is SpoolFullError

        wait_until(is_spool_full, "full spool", lambda: "")
        assert sum(path.stat().st_size for path in tmp_path.glob("*.spool")) <= settings.max_bytes
        own_kafka.launch()
        own_kafka.wait_ready()
        producer.drain(WAIT_SECONDS)
        taken.append(publish(producer, 0, len(taken)))
    print(f"{len(taken)} taken")
    assert len(taken) > 200
    assert check_order_and_repeats(all_records(own_kafka.bootstrap, topic)) == set(taken)
    assert {one.event_id for one in told if one.state == "acknowledged"} == set(taken)


@pytest.mark.timeout(300)
def test_a_frozen_broker_is_away_too(own_kafka: EmbeddedKafka, topic: str, tmp_path: Path) -> None:
    settings = SpoolSettings(tmp_path, after=0.3)
    with Producer(
        own_kafka.bootstrap, account="acme", connection="wa-1", topic=topic, spool=settings
    ) as producer:
        publish(producer, 0, 0)
        producer.drain(WAIT_SECONDS)
        os.kill(own_kafka.pid, signal.SIGSTOP)
        try:
            receipts = [receive(producer, 0, number) for number in range(1, 50)]
            assert [receipt.wait(WAIT_SECONDS).state for receipt in receipts] == ["spooled"] * 49
        finally:
            os.kill(own_kafka.pid, signal.SIGCONT)
        producer.drain(2 * WAIT_SECONDS)
    assert len(check_order_and_repeats(all_records(own_kafka.bootstrap, topic))) == 50


@pytest.mark.timeout(300)
def test_eight_threads_share_a_producer_with_a_small_buffer(own_kafka: EmbeddedKafka, topic: str) -> None:
    limits = Limits(records=50, wait=WAIT_SECONDS)
    with Producer(
        own_kafka.bootstrap, account="acme", connection="wa-1", topic=topic, limits=limits
    ) as producer:

        def talk(talker: int) -> list[UUID]:
            return [publish(producer, talker, number) for number in range(500)]

        with ThreadPoolExecutor(8) as talkers:
            published = {event for events in talkers.map(talk, range(8)) for event in events}
    records = all_records(own_kafka.bootstrap, topic)
    assert len(records) == len(published) == 4_000
    assert check_order_and_repeats(records) == published


def receive(producer: Producer, talker: int, number: int) -> Receipt:
    """Message `number` of a customer; order is checked from 1 on, so it is sent as one more."""
    return producer.message_received(
        Thread("webchat", "site", "external", f"t{talker}"),
        text=str(number + 1),
        message_id=f"{talker}.{number}",
        time=datetime(2026, 3, 2, 14, 0, tzinfo=UTC),
    )


def publish(producer: Producer, talker: int, number: int) -> UUID:
    event_id = receive(producer, talker, number).event_id
    assert event_id is not None
    return event_id


def check_order_and_repeats(records: list[ConsumerRecord]) -> set[UUID]:
    """First occurrences are in order within a thread; a repeat is the same record again. Answers all event ids."""
    values: dict[UUID, bytes] = {}
    last: dict[bytes, int] = {}
    for record in records:
        event = json.loads(record.value)
        event_id = UUID(event["id"])
        if event_id in values:
            assert values[event_id] == record.value
            continue
        values[event_id] = record.value
        number = int(event["data"]["message"]["plain_text"])
        assert number > last.get(record.key, 0), f"{number} came after {last[record.key]}"
        last[record.key] = number
    return set(values)


def wait_until(is_true: Callable[[], bool], what: str, log: Callable[[], str]) -> None:
    deadline = Deadline.after(WAIT_SECONDS)
    while not is_true():
        assert not deadline.passed, f"no {what} within {WAIT_SECONDS} s\n{log()}"
        time.sleep(0.05)
