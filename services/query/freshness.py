"""Watches how far the projections are, by comparing Kafka's ends with ingest's checkpoints."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from bitacora_schemas.topics import EVENTS

from services.chassis.clock import Clock
from services.chassis.connection_faults import name_fault
from services.chassis.kafka import aiokafka_options, why_unreachable
from services.chassis.lifecycle import Shutdown
from services.chassis.postgres import Pool
from services.chassis.settings import KafkaSettings
from services.query.metrics import LAG_SECONDS
from services.readmodel.freshness import (
    Checkpoint,
    Partition,
    find_checkpoints,
    is_caught_up,
    judge_freshness,
)
from services.readmodel.rows import Freshness

_EVERY_SECONDS = 0.5
_RETRY_SECONDS = 3.0
_MOST_SAMPLES = 900

log = structlog.get_logger(__name__)


class Samples:
    """Where Kafka's ends were at past moments: what was there then can be read once a checkpoint passes it."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[datetime, dict[Partition, int]]] = deque(maxlen=_MOST_SAMPLES)
        self.as_of: datetime | None = None

    def add(self, moment: datetime, ends: Mapping[Partition, int]) -> None:
        """Notes the ends of a moment."""
        self._waiting.append((moment, dict(ends)))

    def settle(self, checkpoints: Mapping[Partition, Checkpoint]) -> datetime | None:
        """The latest moment whose ends ingest has passed."""
        while self._waiting and is_caught_up(checkpoints, self._waiting[0][1]):
            self.as_of = self._waiting.popleft()[0]
        return self.as_of


class FreshnessWatch:
    """Keeps the latest judgement; handlers read it without waiting. Unknown until Kafka has been asked."""

    def __init__(self, settings: KafkaSettings, pool: Pool, clock: Clock) -> None:
        self._settings = settings
        self._pool = pool
        self._clock = clock
        self._samples = Samples()

    def current(self) -> Freshness:
        """See FreshnessSource."""
        return judge_freshness(self._samples.as_of, self._clock())

    async def run(self, shutdown: Shutdown) -> None:
        """Watches until the process stops; faults of Kafka or PostgreSQL only make it older."""
        while not shutdown.requested.is_set():
            consumer = AIOKafkaConsumer(
                **aiokafka_options(self._settings), client_id="bitacora-query", enable_auto_commit=False
            )
            try:
                await consumer.start()
                while not shutdown.requested.is_set():
                    await self._look(consumer)
                    await shutdown.sleep(_EVERY_SECONDS)
            except KafkaError as error:
                why = await why_unreachable(self._settings)
                log.warning("kafka_unavailable", error=type(error).__name__, problem=why)
                await shutdown.sleep(_RETRY_SECONDS)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                log.warning("freshness_unknown", problem=name_fault(error))
                await shutdown.sleep(_RETRY_SECONDS)
            finally:
                await consumer.stop()

    async def _look(self, consumer: Any) -> None:
        now = self._clock()
        partitions = consumer.partitions_for_topic(EVENTS)
        if not partitions:
            # Only asking for a topic's offsets makes this consumer learn its partitions; `topics()` does not.
            await consumer.end_offsets([TopicPartition(EVENTS, 0)])
            return
        ends = await consumer.end_offsets([TopicPartition(EVENTS, number) for number in partitions])
        self._samples.add(now, {(each.topic, each.partition): end for each, end in ends.items()})
        async with self._pool.acquire() as conn:
            self._samples.settle(await find_checkpoints(conn))
        age = self.current().lag_seconds
        if age is not None:
            LAG_SECONDS.set(age)
