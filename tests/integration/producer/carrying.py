"""A transport over the unreliable broker, and what was told of its records."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from bitacora_producer import (
    Delivery,
    KafkaTransport,
    Limits,
    Record,
    SpoolSettings,
    connector,
    transport,
)

from tests.integration.producer.unreliable_broker import Broker

WAIT = 60.0


def use(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links go to this broker, and are tried for without long pauses."""
    monkeypatch.setattr(transport, "Link", broker.connect)
    monkeypatch.setattr(connector, "FIRST_PAUSE", 0.005)
    monkeypatch.setattr(connector, "LONGEST_PAUSE", 0.02)


class Told:
    """What was said about each record, and of which of them it was said too often."""

    def __init__(self) -> None:
        self.said: list[Delivery] = []
        self.replayed: list[Delivery] = []
        self._lock = threading.Lock()

    def note(self, delivery: Delivery) -> None:
        with self._lock:
            self.said.append(delivery)

    def ids(self, state: str) -> list[int]:
        return [one.event_id.int for one in list(self.said) if one.state == state and one.event_id]


def record(number: int, key: int = 0, value: bytes = b"v") -> Record:
    return Record("topic", f"k{key}".encode(), value, (), UUID(int=number))


def open_transport(
    told: Told, folder: Path | None = None, *, limits: Limits | None = None, max_bytes: int = 10**6
) -> KafkaTransport:
    spool = (
        None
        if folder is None
        else SpoolSettings(folder, max_bytes=max_bytes, after=0.05, segment_bytes=2_000)
    )
    return KafkaTransport("nowhere", limits=limits, spool=spool, on_replayed=told.replayed.append)


@contextlib.contextmanager
def working(broker: Broker, chance: random.Random | None = None) -> Iterator[None]:
    """The broker works in the background; with a chance it goes away now and then."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            broker.work(7)
            if chance is not None and chance.random() < 0.02:
                broker.is_away = not broker.is_away
            time.sleep(0.001)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def in_order(broker: Broker) -> dict[bytes, list[int]]:
    """The first occurrences of each key's records, as the broker has them."""
    found: dict[bytes, dict[int, None]] = {}
    for one in broker.log:
        assert one.key is not None
        assert one.event_id is not None
        found.setdefault(one.key, {}).setdefault(one.event_id.int)
    return {key: list(numbers) for key, numbers in found.items()}


def die(carried: KafkaTransport) -> None:
    """As SIGKILL: the thread does nothing more, and the lock of the folder is gone."""
    carrier = carried._carrier
    carrier._ended = True
    carrier._let_go = lambda: None  # type: ignore[method-assign]
    carrier._bell.ring()
    carrier.thread.join(WAIT)
    assert carried._spool is not None
    carried._spool._lock.release()
    carried._is_closed = True
