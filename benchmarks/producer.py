"""`python -m benchmarks.producer`: what it costs to publish, beside kafka-python by hand, in one run.

CPU of the whole process, all its threads, for an event from call to acknowledgement; best of several rounds in turn,
same texts, one real broker, lz4 and acks from all everywhere.
"""

import asyncio
import base64
import hashlib
import itertools
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

from bitacora_producer import AsyncProducer, Limits, Producer, Record, SpoolSettings, Thread
from bitacora_schemas.topics import Topic
from kafka import KafkaProducer

from cli.topics import create_topics
from embedded.kafka import EmbeddedKafka
from tests.support.memory_transport import MemoryTransport

ROUNDS = 5
EVENTS = 20_000
CUSTOMERS = 500
STARTED = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
CACHE = Path(__file__).parents[1] / ".bitacora" / "cache"
NOWHERE = "127.0.0.1:9"
THREADS = [Thread("whatsapp", "1065", "wa_id", f"5511900{number:06d}") for number in range(CUSTOMERS)]
LIMITS = Limits(records=10_000)

_numbers = itertools.count()


def main() -> None:
    """Prints a Markdown table."""
    logging.disable(logging.WARNING)  # one way is without Kafka, and the library says so
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else ROUNDS
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedKafka(folder=Path(folder) / "kafka", cache=CACHE, ephemeral=True) as kafka,
    ):
        bench = Bench(kafka.bootstrap, Path(folder))
        ways: dict[str, Callable[[], float]] = {
            "kafka-python, finished bytes": bench.bare,
            "kafka-python, an event by json.dumps": bench.by_hand,
            "ours, finished bytes (send_record)": bench.finished,
            "ours, a typed function (message_received)": bench.typed,
            "ours, the same with a spool, Kafka there": bench.with_spool,
            "ours, the same by AsyncProducer": bench.by_asyncio,
            "ours, the same, Kafka away: to disk": bench.to_disk,
            "ours, composing and checking only": bench.composing,
        }
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(rounds):
            for label, way in ways.items():
                best[label] = min(best[label], way())
    size = len(RECORDS[0].value or b"")
    print(f"{EVENTS} events of {size} bytes a round, best of {rounds} rounds\n")
    print("| way | CPU us an event | events a CPU second | x of the first |\n|---|---|---|---|")
    first = next(iter(best.values()))
    for label, seconds in best.items():
        print(f"| {label} | {seconds * 1e6:.1f} | {1 / seconds:,.0f} | {seconds / first:.2f} |")


def composed() -> list[Record]:
    """The records of one round, made beforehand."""
    transport = MemoryTransport()
    producer = Producer(account="acme", connection="wa-1", transport=transport)
    publish(producer, EVENTS)
    return transport.records


def publish(producer: Producer, count: int) -> None:
    """Sends messages of customers, each another fact."""
    for number in itertools.islice(_numbers, count):
        producer.message_received(
            THREADS[number % CUSTOMERS],
            text=f"Hola, ¿dónde está mi pedido {number}?",
            message_id=f"wamid.{number}",
            time=STARTED + timedelta(milliseconds=number),
        )


RECORDS = composed()


class Bench:
    """One way to publish a method; each answers CPU seconds an event."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self._bootstrap = bootstrap
        self._folder = folder
        self._topic = "bench-producer"
        create_topics(
            {"bootstrap_servers": bootstrap}, topics=[Topic(self._topic, "thread key", 12, 1, "benchmark")]
        )

    def bare(self) -> float:
        producer = self._kafka_python()
        began = time.process_time()
        for record in RECORDS:
            producer.send(self._topic, value=record.value, key=record.key, headers=list(record.headers))
        return self._flushed(producer, began)

    def by_hand(self) -> float:
        producer = self._kafka_python()
        began = time.process_time()
        for number in itertools.islice(_numbers, EVENTS):
            key, value = event_by_hand(number)
            producer.send(self._topic, value=json.dumps(value).encode(), key=key)
        return self._flushed(producer, began)

    def finished(self) -> float:
        with self._producer() as producer:
            began = time.process_time()
            for record in RECORDS:
                producer.send_record(record._replace(topic=self._topic))
            producer.flush()
            return (time.process_time() - began) / EVENTS

    def typed(self) -> float:
        with self._producer() as producer:
            return self._timed(producer)

    def with_spool(self) -> float:
        with self._producer(spool=self._new_spool()) as producer:
            producer.message_sent(THREADS[0], text="first").wait()
            return self._timed(producer)

    def by_asyncio(self) -> float:
        return asyncio.run(self._by_asyncio())

    def to_disk(self) -> float:
        with Producer(
            NOWHERE, account="acme", connection="wa-1", limits=LIMITS, spool=self._new_spool()
        ) as producer:
            producer.message_sent(THREADS[0], text="first").wait()
            return self._timed(producer)

    def composing(self) -> float:
        producer = Producer(account="acme", connection="wa-1", transport=MemoryTransport())
        return self._timed(producer)

    async def _by_asyncio(self) -> float:
        async with AsyncProducer(
            self._bootstrap, account="acme", connection="wa-1", topic=self._topic, limits=LIMITS
        ) as producer:
            began = time.process_time()
            for number in itertools.islice(_numbers, EVENTS):
                await producer.message_received(
                    THREADS[number % CUSTOMERS],
                    text=f"Hola, ¿dónde está mi pedido {number}?",
                    message_id=f"wamid.{number}",
                    time=STARTED + timedelta(milliseconds=number),
                )
            await producer.flush()
            return (time.process_time() - began) / EVENTS

    def _producer(self, spool: SpoolSettings | None = None) -> Producer:
        return Producer(
            self._bootstrap, account="acme", connection="wa-1", topic=self._topic, limits=LIMITS, spool=spool
        )

    def _timed(self, producer: Producer) -> float:
        began = time.process_time()
        publish(producer, EVENTS)
        producer.flush()
        return (time.process_time() - began) / EVENTS

    def _kafka_python(self) -> KafkaProducer:
        return KafkaProducer(
            bootstrap_servers=self._bootstrap, acks="all", compression_type="lz4", linger_ms=5
        )

    def _flushed(self, producer: KafkaProducer, began: float) -> float:
        producer.flush()
        spent = time.process_time() - began
        producer.close()
        return spent / EVENTS

    def _new_spool(self) -> SpoolSettings:
        return SpoolSettings(self._folder / f"spool-{uuid4().hex}", after=0.5)


def event_by_hand(number: int) -> tuple[bytes, dict[str, object]]:
    """The same message as one would write it without a library, unchecked."""
    phone = f"5511900{number % CUSTOMERS:06d}"
    recipe = f"bitacora:thread:v1\nacme\nproduction\nwhatsapp\n1065\nwa_id:{phone}"
    key = base64.urlsafe_b64encode(hashlib.sha256(recipe.encode()).digest()[:24]).decode()
    text = f"Hola, ¿dónde está mi pedido {number}?"
    at = (STARTED + timedelta(milliseconds=number)).isoformat()
    return key.encode(), {
        "specversion": "1.0",
        "id": str(uuid5(NAMESPACE_URL, f"{key} wamid.{number}")),
        "source": "/accounts/acme/connections/wa-1",
        "type": "bitacora.message.received.v1",
        "subject": key,
        "partitionkey": key,
        "time": at,
        "recordedtime": datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        "accountid": "acme",
        "connectionid": "wa-1",
        "environment": "production",
        "data": {
            "thread": {
                "channel": "whatsapp",
                "channel_address": "1065",
                "contact": {"kind": "wa_id", "value": phone},
            },
            "contact": {"ids": [{"kind": "wa_id", "value": phone}], "phone": f"+{phone}"},
            "message": {
                "id": f"wamid.{number}",
                "visibility": "public",
                "sender": {"kind": "customer"},
                "parts": [{"index": 0, "type": "text", "plain_text": text, "text": text}],
                "plain_text": text,
                "provenance": "live",
            },
            "time_quality": "source",
        },
    }


if __name__ == "__main__":
    main()
