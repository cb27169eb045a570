"""A broker in memory that goes away, forgets to answer and refuses, behind the same link that real Kafka has."""

import random
import threading
from collections import deque
from time import monotonic
from typing import Any, NamedTuple

from bitacora_producer import Record
from bitacora_producer.buffer import Bell
from bitacora_producer.flight import Flight
from bitacora_producer.link import Link, Outcome
from kafka.errors import InvalidRecordError, KafkaConnectionError, OutOfOrderSequenceNumberError

POISON = b"poison"


class Place(NamedTuple):
    partition: int
    offset: int


class Broker:
    """Takes records from links, one at a time by `work`, and keeps them in `log`."""

    def __init__(self, seed: int = 0) -> None:
        self.log: list[Record] = []
        self.is_away = False
        self.trouble = 0.0
        self.links = 0
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._link: BrokerLink | None = None

    def connect(self, _bootstrap: Any, _options: Any, bell: Bell, *, careful: bool = False) -> "BrokerLink":
        """What `Link(...)` does with real Kafka."""
        if self.is_away:
            raise KafkaConnectionError("away")
        with self._lock:
            self.links += 1
            self._link = BrokerLink(bell, careful=careful)
            return self._link

    @property
    def sent(self) -> int:
        """How many records wait at the link that is connected."""
        with self._lock:
            return 0 if self._link is None else self._link.waiting

    def work(self, records: int) -> None:
        """Handle up to so many records of the link that is connected, with `trouble` as the chance of some."""
        with self._lock:
            link = self._link
            while link is not None and records > 0 and not self.is_away and link.has_more:
                records -= 1
                self._handle(link, link.next_one())

    def _handle(self, link: "BrokerLink", flight: Flight) -> None:
        record = flight.record
        if record.value == POISON and not link.careful:
            for one in (flight, *link.rest()):  # an old broker does not say which record of the batch it is
                link.note(one, InvalidRecordError("some record of the batch"))
        elif record.value == POISON:
            link.note(flight, InvalidRecordError("poison"))
        elif self._random.random() >= self.trouble:
            self.log.append(record)
            link.note(flight, Place(0, len(self.log) - 1))
        elif self._random.random() < 0.5:
            self.log.append(record)  # it has it, and the answer is lost
            link.stop(KafkaConnectionError("the answer was lost"))
        else:
            link.note(flight, OutOfOrderSequenceNumberError("it has lost its mind"))


class BrokerLink(Link):
    """Without kafka-python: what is sent waits here until the broker takes it, unless the link was stopped."""

    def __init__(self, bell: Bell, *, careful: bool) -> None:
        self.careful = careful
        self.broken = None
        self.made_at = monotonic()
        self._bell = bell
        self._outcomes: deque[Outcome] = deque()
        self._sent: deque[Flight] = deque()

    @property
    def has_more(self) -> bool:
        return self.broken is None and bool(self._sent)

    @property
    def waiting(self) -> int:
        return len(self._sent)

    def next_one(self) -> Flight:
        return self._sent.popleft()

    def rest(self) -> list[Flight]:
        return list(self._sent)[:5]

    def send(self, flight: Flight) -> None:
        self._sent.append(flight)

    def stop(self, error: BaseException) -> None:
        self.broken = self.broken or error
        self._bell.ring()

    def close(self, timeout: float) -> None:
        self.broken = self.broken or KafkaConnectionError("closed")
