"""The producer, `bitacora produce` and `bitacora topics` against a real broker."""

import json
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from bitacora_producer import Delivery, KafkaTransport, Producer, Record, Thread
from bitacora_schemas.events import check_thread_key, decode_event
from bitacora_schemas.topics import EVENTS, TOPICS, Topic
from kafka.admin import KafkaAdminClient
from kafka.consumer.fetcher import ConsumerRecord
from typer.testing import CliRunner

from cli.app import build_app
from cli.topics import create_topics, list_topics
from tests.support.topic_reading import all_records


@pytest.fixture
def topic(kafka_bootstrap: str) -> str:
    """A topic of the test's own, with three partitions."""
    name = f"produce-{uuid4().hex[:8]}"
    create_topics({"bootstrap_servers": kafka_bootstrap}, topics=[Topic(name, "thread key", 3, 1, "test")])
    return name


@pytest.fixture
def command(kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("BITACORA_KAFKA_BOOTSTRAP", kafka_bootstrap)
    return CliRunner()


def test_events_of_a_thread_keep_their_order_on_one_partition(kafka_bootstrap: str, topic: str) -> None:
    with Producer(kafka_bootstrap, account="acme", connection="web", topic=topic) as producer:

        def talk(customer: int) -> None:
            thread = Thread("webchat", "site", "external", f"u{customer}")
            for number in range(50):
                producer.message_received(thread, text=str(number), message_id=f"m{number}")

        talkers = [threading.Thread(target=talk, args=(customer,)) for customer in range(4)]
        for talker in talkers:
            talker.start()
        for talker in talkers:
            talker.join(30)
    records = all_records(kafka_bootstrap, topic)
    assert len(records) == 200
    by_thread: dict[bytes, list[ConsumerRecord]] = {}
    for record in records:
        event = decode_event(record.value, record.headers)
        check_thread_key(event, record.key)
        by_thread.setdefault(record.key, []).append(record)
    for own in by_thread.values():
        assert len({record.partition for record in own}) == 1
        texts = [json.loads(record.value)["data"]["message"]["plain_text"] for record in own]
        assert texts == [str(number) for number in range(50)]


def test_an_acknowledged_event_has_its_place_in_the_receipt(kafka_bootstrap: str, topic: str) -> None:
    with Producer(kafka_bootstrap, account="acme", connection="web", topic=topic) as producer:
        receipt = producer.message_received(Thread("webchat", "site", "external", "u1"), text="Hola")
        delivery = receipt.wait(30)
    assert (delivery.topic, delivery.offset) == (topic, 0)


def test_a_record_that_the_broker_refuses_fails_alone(kafka_bootstrap: str) -> None:
    """A compacted topic takes no record without a key; the others of its batch go, in order."""
    name = f"compacted-{uuid4().hex[:8]}"
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    configs = {"cleanup.policy": "compact"}
    admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1, "configs": configs}})
    admin.close()
    told: list[Delivery] = []
    carried = KafkaTransport(kafka_bootstrap)
    for number in range(10):
        key = None if number in (3, 7) else b"%d" % number
        carried.send(Record(name, key, b"%d" % number, (), None), told.append)
    carried.flush(60)
    carried.close(10)
    failed = [type(delivery.error).__name__ for delivery in told if delivery.error is not None]
    assert failed == ["InvalidRecordError"] * 2
    values = dict.fromkeys(record.value for record in all_records(kafka_bootstrap, name))
    assert list(values) == [b"%d" % number for number in range(10) if number not in (3, 7)]


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", None])
def test_compression_is_the_callers_choice(kafka_bootstrap: str, topic: str, compression: str | None) -> None:
    with Producer(
        kafka_bootstrap, account="acme", connection="web", topic=topic, compression=compression
    ) as producer:
        producer.message_received(Thread("webchat", "site", "external", "u1"), text="Hola " * 100)
    assert len(all_records(kafka_bootstrap, topic)) == 1


def test_the_command_sends_a_file_and_counts(
    command: CliRunner, kafka_bootstrap: str, topic: str, tmp_path: Path
) -> None:
    thread = {"channel": "webchat", "channel_address": "site", "contact": {"kind": "external", "value": "u1"}}
    good = {
        "type": "bitacora.conversation.ended.v1",
        "accountid": "acme",
        "connectionid": "web",
        "data": {"thread": thread, "reason": "assistant", "by": {"kind": "bot"}},
    }
    file = tmp_path / "events.ndjson"
    file.write_text(f"{json.dumps(good)}\n\n{json.dumps(good)}\n{{}}\n")
    result = command.invoke(build_app(), ["produce", str(file), "--topic", topic, "--json"])
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert (answer["lines"], answer["sent"], answer["refused"], answer["failed"]) == (3, 2, 1, 0)
    assert answer["refusals"][0]["line"] == 4
    assert len(all_records(kafka_bootstrap, topic)) == 2


def test_the_command_sends_raw_records_unchanged(
    command: CliRunner, kafka_bootstrap: str, topic: str
) -> None:
    lines = '{"key": "k", "value_base64": "//4=", "headers": {"h": "1"}}\n{"value": "{"}\n{"key": "k"}\n'
    result = command.invoke(build_app(), ["produce", "-", "--records", "--topic", topic], input=lines)
    assert result.exit_code == 0
    assert "3 sent, 0 refused, 0 failed" in result.stdout
    found = {
        (record.key, record.value, tuple(record.headers)) for record in all_records(kafka_bootstrap, topic)
    }
    assert found == {(b"k", b"\xff\xfe", (("h", b"1"),)), (None, b"{", ()), (b"k", None, ())}


def test_topics_are_made_as_the_contract_says_and_making_them_again_changes_nothing(
    command: CliRunner, kafka_bootstrap: str
) -> None:
    first = command.invoke(build_app(), ["topics", "create", "--json"])
    again = command.invoke(build_app(), ["topics", "create", "--json"])
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert not any(topic["created"] for topic in json.loads(again.stdout))
    found = {topic.name: topic for topic in list_topics({"bootstrap_servers": kafka_bootstrap})}
    assert set(found) == {topic.name for topic in TOPICS}
    assert (found[EVENTS].partitions, found[EVENTS].retention_days, found[EVENTS].differs) == (12, 30, None)
    assert command.invoke(build_app(), ["topics", "list"]).exit_code == 0


def test_a_topic_that_differs_from_the_contract_is_told(kafka_bootstrap: str, topic: str) -> None:
    wanted = Topic(topic, "thread key", 12, 30, "test")
    (found,) = create_topics({"bootstrap_servers": kafka_bootstrap}, topics=[wanted])
    assert not found.created
    assert found.differs is not None
    assert "3 partitions, not 12" in found.differs
    assert "retention.ms" in found.differs


def test_a_record_that_kafka_cannot_take_is_counted_as_failed(
    command: CliRunner, kafka_bootstrap: str, topic: str
) -> None:
    lines = f'{{"value": "{"x" * 300_000}"}}\n{{"value": "{"x" * 2_000_000}"}}\n'
    result = command.invoke(
        build_app(), ["produce", "-", "--records", "--topic", topic, "--json"], input=lines
    )
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert (answer["sent"], answer["failed"]) == (1, 1)
