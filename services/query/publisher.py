"""Publishes events to Kafka for handlers: acknowledged by all in-sync replicas, within a bounded time."""

import asyncio
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from bitacora_schemas.topics import EVENTS

from services.chassis.kafka import aiokafka_options, why_unreachable
from services.chassis.lifecycle import Shutdown
from services.chassis.settings import KafkaSettings
from services.query.dependencies import PublishError
from services.query.metrics import EVENTS_PUBLISHED

_RETRY_SECONDS = 2.0

log = structlog.get_logger(__name__)


class KafkaPublisher:
    """An idempotent producer that connects behind the scenes: pages answer while Kafka is away."""

    def __init__(self, settings: KafkaSettings, *, timeout_seconds: float) -> None:
        self._settings = settings
        self._timeout = timeout_seconds
        self._producer: Any = None

    async def run(self, shutdown: Shutdown) -> None:
        """Connects, trying again while Kafka is away; closes when the process stops."""
        while not shutdown.requested.is_set():
            producer = AIOKafkaProducer(
                **aiokafka_options(self._settings),
                client_id="bitacora-query",
                acks="all",
                enable_idempotence=True,
                request_timeout_ms=int(self._timeout * 1000),
            )
            try:
                await producer.start()
            except (KafkaError, OSError) as error:
                await producer.stop()
                why = await why_unreachable(self._settings)
                log.warning("kafka_unavailable", error=type(error).__name__, problem=why)
                await shutdown.sleep(_RETRY_SECONDS)
                continue
            self._producer = producer
            try:
                await shutdown.wait()
            finally:
                self._producer = None
                await producer.stop()

    async def publish(self, key: str, value: bytes, headers: tuple[tuple[str, bytes], ...]) -> None:
        """See EventPublisher."""
        if self._producer is None:
            EVENTS_PUBLISHED.labels(result="unavailable").inc()
            raise PublishError
        try:
            async with asyncio.timeout(self._timeout):
                await self._producer.send_and_wait(
                    EVENTS, value=value, key=key.encode(), headers=list(headers)
                )
        except (KafkaError, TimeoutError) as error:
            EVENTS_PUBLISHED.labels(result="failed").inc()
            raise PublishError from error
        EVENTS_PUBLISHED.labels(result="published").inc()
