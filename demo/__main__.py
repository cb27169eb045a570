"""`python -m demo`: sends the past weeks once, then live traffic until it is stopped."""

import asyncio
import random
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

import structlog
from bitacora_producer import Producer
from bitacora_producer.transport import KafkaTransport
from bitacora_schemas.events.blocks import Environment
from bitacora_schemas.topics import EVENTS
from kafka import KafkaConsumer, TopicPartition

from demo.cast import Customer, make_customer
from demo.pictures import draw_files
from demo.settings import DemoSettings
from demo.teller import Happening
from demo.traffic import REPEATED_SHARE, live_happenings, past_happenings
from services.chassis.kafka import kafka_python_options
from services.chassis.lifecycle import Shutdown, run_process
from services.chassis.settings import KafkaSettings

log = structlog.get_logger(__name__)


class Stage:
    """Sends happenings through the producer library, one producer a connection, all over one transport."""

    def __init__(self, settings: DemoSettings) -> None:
        self._account = settings.demo_account
        options = kafka_python_options(settings)
        self._transport = KafkaTransport(options.pop("bootstrap_servers"), options)
        self._producers: dict[tuple[str, Environment], Producer] = {}
        self._rng = random.Random(settings.demo_seed)
        self.sent = 0

    def play(self, happening: Happening) -> None:
        """Sends one fact; a few are sent twice."""
        producer = self._producer(happening.customer.desk.connection, happening.environment)
        for _ in range(2 if self._rng.random() < REPEATED_SHARE else 1):
            producer.publish(
                happening.data, time=happening.happened_at or happening.at, recordedtime=happening.at
            )
            self.sent += 1

    def flush(self) -> None:
        """Waits until all is in Kafka; raises DeliveryError when something is not."""
        for producer in self._producers.values():
            producer.flush()

    def close(self) -> None:
        """Sends what is left."""
        self._transport.close(10.0)

    def _producer(self, connection: str, environment: Environment) -> Producer:
        key = (connection, environment)
        if key not in self._producers:
            self._producers[key] = Producer(
                account=self._account,
                connection=connection,
                environment=environment,
                transport=self._transport,
            )
        return self._producers[key]


def topic_is_empty(settings: KafkaSettings) -> bool:
    """Whether nobody has sent an event yet: the past is told only once."""
    consumer = KafkaConsumer(**kafka_python_options(settings))
    try:
        partitions = [
            TopicPartition(EVENTS, number) for number in consumer.partitions_for_topic(EVENTS) or ()
        ]
        return not any(consumer.end_offsets(partitions).values())
    finally:
        consumer.close()


async def main(settings: DemoSettings, shutdown: Shutdown) -> None:
    """Runs until asked to stop."""
    rng = random.Random(settings.demo_seed)
    customers = [make_customer(number) for number in range(settings.demo_customers)]
    await asyncio.to_thread(draw_files, settings.data_dir / "files" / "demo")
    stage = await asyncio.to_thread(Stage, settings)
    try:
        if settings.demo_weeks and await asyncio.to_thread(topic_is_empty, settings):
            past = past_happenings(
                rng,
                customers,
                datetime.now(UTC),
                weeks=settings.demo_weeks,
                conversations=settings.demo_conversations,
            )
            await asyncio.to_thread(_play_all, stage, past)
            log.info("demo_past_sent", events=stage.sent)
        await _play_live(stage, customers, settings, shutdown)
    finally:
        await asyncio.to_thread(stage.close)
    log.info("demo_stopped", events=stage.sent)


def _play_all(stage: Stage, happenings: Iterable[Happening]) -> None:
    for happening in happenings:
        stage.play(happening)
    stage.flush()


async def _play_live(
    stage: Stage, customers: list[Customer], settings: DemoSettings, shutdown: Shutdown
) -> None:
    now = datetime.now(UTC)
    rng = random.Random(now.timestamp())  # another start tells other stories
    for happening in live_happenings(rng, customers, now, rate=settings.demo_rate):
        ahead = (happening.at - datetime.now(UTC)).total_seconds()
        if ahead > 0 and not await shutdown.sleep(ahead):
            return
        if shutdown.requested.is_set():
            return
        await asyncio.to_thread(stage.play, happening)


if __name__ == "__main__":
    sys.exit(run_process(DemoSettings, main, service="demo"))
