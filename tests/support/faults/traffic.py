"""The load of a drill: the demo's stories told fast, in bursts, with repeats, late repeats and bad records among them."""

import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bitacora_producer import Record
from bitacora_producer.compose import Common, Sender, compose
from bitacora_schemas.events.blocks import Actor, EventData
from bitacora_schemas.events.contact import ContactUpdated
from bitacora_schemas.events.conversation import ConversationEnded, ConversationStarted
from bitacora_schemas.events.file import FileUnavailable
from bitacora_schemas.events.message import Message, MessageSent
from bitacora_schemas.ids import uuid5_of
from kafka import KafkaProducer
from kafka.errors import KafkaError

from demo.cast import make_customer
from demo.teller import Happening, text_part
from demo.traffic import live_happenings
from tests.support.faults.ledger import POISON_HEADER, Ledger, Place
from tests.support.poison import kinds, poison

STARTED = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
CUSTOMERS = 600
REPEATED_SHARE = 0.004
POISON_SHARE = 0.002
RARE_SHARE = 0.02
TICK = 0.05


class Traffic(threading.Thread):
    """Sends bursts of 1,000 to 2,500 records a second until `stop`, at least `records` of them.

    It runs ahead of the drill's `progress` (0 to 1) only a little, so that the load lasts as long as the faults.
    """

    def __init__(self, bootstrap: str, topic: str, ledger: Ledger, *, seed: int, records: int) -> None:
        super().__init__(name="traffic", daemon=True)
        self._random = random.Random(seed)
        self._ledger = ledger
        self._topic = topic
        self._records = records
        self._numbers = iter(range(1_000_000_000))
        self._kinds = list(kinds().items())
        self._facts = self._tell(seed)
        self._recent: deque[Record] = deque(maxlen=5_000)
        self._running = threading.Event()
        self._running.set()
        self._stopping = threading.Event()
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            compression_type="lz4",
            max_request_size=2 * 1024 * 1024,
        )
        self.progress = 0.0
        self.error: BaseException | None = None

    def hold(self) -> None:
        """Silence, until `release`: workers catch up and idle."""
        self._running.clear()

    def release(self) -> None:
        """The end of a silence."""
        self._running.set()

    def send_more(self, records: int) -> None:
        """So many beyond what is sent, for faults that are not in the schedule."""
        self.progress = (self._ledger.sent + records) / self._records

    def stop(self) -> None:
        """Sends what is left to `records`, then waits until Kafka has settled all of it. Raises what ended it early."""
        self.progress = 1.0
        self._running.set()
        self._stopping.set()
        self.join(180)
        self._producer.close(timeout=60)
        if self.error is not None:
            raise self.error
        assert not self.is_alive(), "the traffic does not come to its end"

    def run(self) -> None:
        """The thread's life."""
        try:
            while not self._done():
                rate = self._random.uniform(1_000, 2_500)
                self._burst(rate, self._random.uniform(2.0, 6.0))
                self._stopping.wait(self._random.uniform(0.3, 1.5))
            self._producer.flush(timeout=150)
        except BaseException as error:  # noqa: BLE001  told to whoever stops this thread
            self.error = error

    def _done(self) -> bool:
        return self._stopping.is_set() and self._ledger.sent >= self._records

    def _burst(self, rate: float, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not self._done():
            began = time.monotonic()
            ahead = self._ledger.sent - self._records * self.progress
            if not self._running.wait(timeout=0.2) or (ahead > 2 * rate and not self._stopping.is_set()):
                time.sleep(TICK)
                continue
            for _ in range(int(rate * TICK)):
                self._send_one()
            time.sleep(max(began + TICK - time.monotonic(), 0.0))

    def _send_one(self) -> None:
        chance = self._random.random()
        if chance < POISON_SHARE:
            self._send_poison(next(self._numbers))
            return
        if chance < POISON_SHARE + REPEATED_SHARE and self._recent:
            # Half of the repeats come at once, half come late.
            again = self._recent[-1] if self._random.random() < 0.5 else self._random.choice(self._recent)
            self._send(again)
            return
        record = next(self._facts)
        self._recent.append(record)
        self._send(record)

    def _send(self, record: Record) -> None:
        self._ledger.event_sent()
        event_id = record.event_id
        assert event_id is not None

        def settled(place: Any) -> None:
            self._ledger.event_acknowledged(event_id, Place(place.partition, place.offset))

        self._hand_over(record.key, record.value, list(record.headers), event_id, settled)

    def _send_poison(self, number: int) -> None:
        kind, reason = self._kinds[number % len(self._kinds)]
        key, value = poison(kind, number)
        self._ledger.poison_sent(number, reason.value)

        def settled(place: Any) -> None:
            self._ledger.poison_acknowledged(number, Place(place.partition, place.offset))

        self._hand_over(key, value, [(POISON_HEADER, str(number).encode())], None, settled)

    def _hand_over(
        self,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
        event_id: UUID | None,
        settled: Any,
    ) -> None:
        try:
            future = self._producer.send(self._topic, key=key, value=value, headers=headers)
        except KafkaError as error:
            self._ledger.failed(event_id, error)
            return
        future.add_callback(settled)
        future.add_errback(lambda error: self._ledger.failed(event_id, error))

    def _tell(self, seed: int) -> Iterator[Record]:
        chance = random.Random(seed + 1)
        customers = [make_customer(number) for number in range(CUSTOMERS)]
        for fact in live_happenings(chance, customers, STARTED, rate=1_000.0):
            yield self._composed(fact, fact.data)
            if chance.random() < RARE_SHARE:
                yield self._composed(fact, _rare(chance, fact, next(self._numbers)))

    def _composed(self, fact: Happening, data: EventData) -> Record:
        sender = Sender("acme", fact.customer.desk.connection, fact.environment, self._topic, lambda: fact.at)
        common: Common = {"time": fact.happened_at or fact.at, "recordedtime": fact.at}
        return compose(sender, data, common)


def _rare(chance: random.Random, fact: Happening, number: int) -> EventData:
    """What the demo's stories do not tell."""
    customer, thread, chatbot = fact.customer, fact.customer.thread, fact.customer.desk.chatbot
    named = f"rare-{number}"
    choice = chance.randrange(6)
    if choice == 0:
        return FileUnavailable(thread=thread, message_id=named, part_index=0, reason="expired")
    if choice == 1:
        return ContactUpdated(thread=thread, contact=customer.contact, changed=("name", "email"))
    if choice == 2:
        reason = chance.choice(("customer", "restart"))
        return ConversationStarted(thread=thread, chatbot=chatbot, contact=customer.contact, reason=reason)
    if choice == 3:
        by = Actor(kind="human", id="user-7", name="Olga")
        unknown = uuid5_of("no such conversation", named)
        return ConversationEnded(thread=thread, reason="operator", by=by, conversation_id=unknown)
    note = choice == 4
    message = Message(
        id=named,
        sender=Actor(kind="human", id="h-1", name="Rosa"),
        parts=(text_part(f"nota {number}"),),
        plain_text=f"nota {number}",
        visibility="internal" if note else "public",
        provenance="live" if note else "history",
    )
    return MessageSent(thread=thread, chatbot=chatbot, message=message)
