"""Where records go when Kafka is away, when there is no room, when it refuses, and at the end."""

import threading
from pathlib import Path
from uuid import UUID

import pytest
from bitacora_producer import (
    BufferFullError,
    ClosedError,
    Delivery,
    DeliveryTimeoutError,
    FlushTimeoutError,
    KafkaTransport,
    Limits,
    SpoolFullError,
    SpoolSettings,
    SpoolWriteError,
    spool_segment,
)
from bitacora_producer.spool import REFUSED, records_of
from kafka.errors import InvalidRecordError, KafkaError

from tests.integration.producer.carrying import (
    WAIT,
    Told,
    die,
    in_order,
    open_transport,
    record,
    wait_until,
    working,
)
from tests.integration.producer.unreliable_broker import POISON, Broker


def test_while_the_broker_is_away_records_go_to_disk_and_later_ones_behind_them(
    broker: Broker, tmp_path: Path
) -> None:
    broker.is_away = True
    told = Told()
    carried = open_transport(told, tmp_path)
    for number in range(1, 101):
        carried.send(record(number), told.note)
    carried.flush(WAIT)
    assert told.ids("spooled") == list(range(1, 101))
    assert carried.spooled == 100
    broker.is_away = False
    with working(broker):
        for number in range(101, 201):
            carried.send(record(number), told.note)
        carried.drain(WAIT)
    assert in_order(broker) == {b"k0": list(range(1, 201))}
    assert [one.event_id.int for one in told.replayed if one.event_id][:100] == list(range(1, 101))
    assert carried.spooled == 0
    carried.close(WAIT)


def test_what_is_on_its_way_to_a_broker_that_falls_silent_goes_to_disk_first(
    broker: Broker, tmp_path: Path
) -> None:
    told = Told()
    carried = open_transport(told, tmp_path)
    for number in range(1, 51):
        carried.send(record(number), told.note)
    wait_until(lambda: broker.sent == 50)
    for number in range(51, 101):
        carried.send(record(number), told.note)
    carried.flush(WAIT)
    assert told.ids("spooled") == list(range(1, 101))
    die(carried)
    again = open_transport(told, tmp_path)
    with working(broker):
        again.drain(WAIT)
        again.close(WAIT)
    assert in_order(broker) == {b"k0": list(range(1, 101))}


def test_a_full_spool_is_told_by_name_and_loses_nothing_that_was_taken(
    broker: Broker, tmp_path: Path
) -> None:
    broker.is_away = True
    told = Told()
    carried = open_transport(told, tmp_path, max_bytes=10_000, limits=Limits(records=20, wait=0.0))
    taken: list[int] = []

    def send_until_full() -> None:
        while True:
            carried.send(record(len(taken) + 1), told.note)
            taken.append(len(taken) + 1)

    def is_spool_full() -> bool:
        with pytest.raises(BufferFullError) as full:
            send_until_full()
        return full.type is SpoolFullError

    wait_until(is_spool_full)
    with pytest.raises(FlushTimeoutError) as caught:
        carried.flush(0.1)
    assert caught.value.spooled + len(caught.value.waiting) == len(taken)
    broker.is_away = False
    with working(broker):
        carried.drain(WAIT)
    assert in_order(broker) == {b"k0": taken}
    carried.close(WAIT)


def test_a_disk_that_takes_nothing_is_told_by_name(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool_segment, "_sync", sync)
    broker.is_away = True
    told = Told()
    carried = open_transport(told, tmp_path, limits=Limits(records=5, wait=0.0))
    for number in range(1, 6):
        carried.send(record(number), told.note)
    wait_until(lambda: carried.buffer.obstacle is not None)
    with pytest.raises(SpoolWriteError, match="No space left"):
        carried.send(record(6), told.note)
    broker.is_away = False
    with working(broker):
        carried.drain(WAIT)
        carried.close(WAIT)
    assert told.ids("acknowledged") == [1, 2, 3, 4, 5]


def test_a_record_that_kafka_refuses_from_the_spool_is_set_aside(broker: Broker, tmp_path: Path) -> None:
    broker.is_away = True
    told = Told()
    carried = open_transport(told, tmp_path)
    for number in range(1, 11):
        carried.send(record(number, value=POISON if number in (4, 5) else b"v"), told.note)
    carried.flush(WAIT)
    broker.is_away = False
    with working(broker):
        carried.drain(WAIT)
        carried.close(WAIT)
    assert in_order(broker) == {b"k0": [1, 2, 3, 6, 7, 8, 9, 10]}
    failed = [one for one in told.replayed if one.state == "failed"]
    assert [one.event_id for one in failed] == [UUID(int=4), UUID(int=5)]
    assert all(isinstance(one.error, InvalidRecordError) for one in failed)
    assert [one.event_id for one in records_of(tmp_path / REFUSED)] == [UUID(int=4), UUID(int=5)]


def test_without_a_spool_a_record_fails_by_name_after_its_time(broker: Broker) -> None:
    told = Told()
    carried = open_transport(told, limits=Limits(delivery=0.2))
    broker.is_away = True
    carried.send(record(1), told.note)
    carried.flush(WAIT)
    assert [type(one.error) for one in told.said] == [DeliveryTimeoutError]
    broker.is_away = False
    with working(broker):
        carried.send(record(2), told.note)
        carried.close(WAIT)
    assert in_order(broker) == {b"k0": [2]}


def test_without_a_spool_the_first_connection_must_succeed(broker: Broker) -> None:
    broker.is_away = True
    with pytest.raises(KafkaError, match="away"):
        open_transport(Told())


def test_a_full_buffer_makes_the_caller_wait_and_raises_at_the_end_of_the_time(broker: Broker) -> None:
    told = Told()
    carried = open_transport(told, limits=Limits(records=3, wait=0.1))
    for number in range(1, 4):
        carried.send(record(number), told.note)
    with pytest.raises(BufferFullError, match="3 events"):
        carried.send(record(4), told.note)
    waiting = threading.Timer(0.02, lambda: broker.work(1))
    waiting.start()
    carried._limits = Limits(records=3, wait=WAIT)
    carried.send(record(4), told.note)
    waiting.join()
    with working(broker):
        carried.close(WAIT)
    assert in_order(broker) == {b"k0": [1, 2, 3, 4]}


def test_the_buffer_is_bounded_in_bytes_too(broker: Broker) -> None:
    told = Told()
    carried = open_transport(told, limits=Limits(bytes=1_000, wait=0.0))
    carried.send(record(1, value=b"x" * 700), told.note)
    with pytest.raises(BufferFullError):
        carried.send(record(2, value=b"x" * 700), told.note)
    with working(broker):
        carried.flush(WAIT)
        carried.send(record(2, value=b"x" * 5_000), told.note)  # alone it is let through, whatever its size
        carried.close(WAIT)
    assert in_order(broker) == {b"k0": [1, 2]}


def test_closing_brings_to_disk_what_kafka_does_not_take(broker: Broker, tmp_path: Path) -> None:
    told = Told()
    carried = open_transport(told, tmp_path)
    carried.send(record(1), told.note)
    carried.close(0.02)
    assert told.ids("spooled") == [1]
    with pytest.raises(ClosedError):
        carried.send(record(2), told.note)
    again = open_transport(told, tmp_path)
    assert again.spooled == 1
    with working(broker):
        again.drain(WAIT)
        again.close(WAIT)
    assert in_order(broker) == {b"k0": [1]}


def test_closing_without_a_spool_names_what_is_lost(broker: Broker) -> None:
    told = Told()
    carried = open_transport(told)
    carried.send(record(1), told.note)
    carried.close(0.05)
    assert [(one.event_id, type(one.error)) for one in told.said] == [(UUID(int=1), ClosedError)]


def test_a_callback_may_publish_but_never_waits_for_room(broker: Broker) -> None:
    told = Told()
    carried = open_transport(told, limits=Limits(records=1, wait=WAIT))
    raised: list[BaseException] = []

    def publish_more(delivery: Delivery) -> None:
        try:
            carried.send(record(2), told.note)
        except BufferFullError as error:
            raised.append(error)

    with working(broker):
        carried.send(record(1), publish_more)
        wait_until(lambda: bool(raised))
        carried.close(WAIT)


def test_a_callback_that_raises_holds_nobody_up(broker: Broker) -> None:
    told = Told()
    carried = open_transport(told)

    def explode(delivery: Delivery) -> None:
        raise RuntimeError("the caller's own fault")

    with working(broker):
        carried.send(record(1), explode)
        carried.send(record(2), told.note)
        carried.close(WAIT)
    assert told.ids("acknowledged") == [2]


def test_a_bug_in_the_thread_is_told_to_everybody_who_waits(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    carried = open_transport(told)
    carried.send(record(1), told.note)
    seen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)

    def broken() -> None:
        raise ZeroDivisionError

    carried._carrier._send_queue = broken  # type: ignore[method-assign]
    carried.send(record(2), told.note)
    carried.flush(WAIT)
    assert {type(one.error) for one in told.said} == {ClosedError}
    assert len(told.said) == 2
    with pytest.raises(ClosedError, match="ended by an error"):
        carried.send(record(3), told.note)
    carried.close(1)
    wait_until(lambda: bool(seen))


def test_an_option_that_kafka_python_does_not_know_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="linger"):
        KafkaTransport("nowhere", {"linger": 5}, spool=SpoolSettings(tmp_path))
