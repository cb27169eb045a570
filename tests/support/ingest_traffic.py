"""Believable traffic for drills, and a ledger of what Kafka acknowledged."""

import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bitacora_producer import Producer, Record
from bitacora_producer.record import Delivery
from bitacora_producer.thread import Thread
from bitacora_schemas.events.blocks import Actor, Chatbot

STARTED = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


class Ledger:
    """What the broker has acknowledged: event ids, message ids, and the places of records that must be refused."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.events: set[UUID] = set()
        self.refused: set[tuple[int, int]] = set()
        self.deliveries = 0
        self.failures: list[BaseException] = []

    def note(self, delivery: Delivery) -> None:
        """Called from the producer's thread for every record."""
        with self._lock:
            self.deliveries += 1
            if delivery.error is not None:
                self.failures.append(delivery.error)
            elif delivery.event_id is not None:
                self.events.add(delivery.event_id)
            else:
                assert delivery.partition is not None
                assert delivery.offset is not None
                self.refused.add((delivery.partition, delivery.offset))


class Traffic:
    """Threads of customers who write, are answered, rate and leave; some events come twice, some records are broken."""

    def __init__(self, bootstrap: str, topic: str, ledger: Ledger, seed: int, *, threads: int = 400) -> None:
        self._random = random.Random(seed)
        self._producer = Producer(
            bootstrap,
            account="acme",
            connection="wa-1",
            chatbot=Chatbot(id="orders", name="Pedidos"),
            topic=topic,
            on_delivery=ledger.note,
            kafka={"linger_ms": 5, "compression_type": "lz4"},
        )
        self._topic = topic
        self._threads = [
            Thread("whatsapp", "1065", "wa_id", f"5511900{number:06d}") for number in range(threads)
        ]
        self._number = 0
        self.messages: set[tuple[str, str]] = set()
        self.sent = 0

    def send(self, count: int) -> None:
        """Sends about `count` events."""
        for _ in range(count):
            self._send_one()

    def flush(self) -> None:
        """Returns when everything is acknowledged."""
        self._producer.flush(timeout=60)

    def close(self) -> None:
        """Lets the producer go."""
        self._producer.close()

    def _send_one(self) -> None:
        self._number += 1
        number = self._number
        thread = self._random.choice(self._threads)
        at = STARTED + timedelta(milliseconds=250 * number)
        kind = self._random.random()
        times = 2 if self._random.random() < 0.004 else 1
        for _ in range(times):
            self.sent += 1
            if kind < 0.002:
                self._send_broken(number)
            elif kind < 0.5:
                receipt = self._producer.message_received(
                    thread, text=f"Hola, pedido {number} 🙂", message_id=f"wamid.in.{number}", time=at
                )
                self.messages.add((receipt.thread_key, f"wamid.in.{number}"))
            elif kind < 0.8:
                self._producer.message_sent(
                    thread,
                    text=f"Su pedido {number} está en camino",
                    message_id=f"wamid.out.{number}",
                    sender=Actor(kind="bot", id="vera", name="Vera"),
                    time=at,
                )
            elif kind < 0.9:
                self._producer.message_status_changed(
                    thread, message_id=f"wamid.out.{max(number - 40, 1)}", status="delivered", time=at
                )
            elif kind < 0.93:
                self._producer.transferred(thread, to=Actor(kind="bot", id="pagos", name="Pagos"), time=at)
            elif kind < 0.96:
                self._producer.evaluation_answered(
                    thread, evaluation_id=f"ev-{number}", metric="nps", score=number % 11, time=at
                )
            else:
                self._producer.ended(thread, reason="assistant", by=Actor(kind="bot", id="vera"), time=at)

    def _send_broken(self, number: int) -> None:
        broken: Sequence[bytes | None] = (b"{broken", b"\xff\xfe\x00", None, b"[]", b'{"specversion":"1.0"}')
        value = broken[number % len(broken)]
        self._producer.send_record(Record(self._topic, b"some key", value, (), None))
