"""Sends records to Kafka from inside a worker, and tells when the broker has them all."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from services.chassis.kafka import aiokafka_options
from services.chassis.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """A record to send; its partition follows from the key."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, str]


class Publisher:
    """One producer of a worker, started at its first use."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        """Returns once all records are acknowledged by every replica. Raises KafkaError; then any of them may have been."""
        if not records:
            return
        producer = await self._started()
        sent = [
            await producer.send(
                record.topic,
                key=record.key,
                value=record.value,
                headers=[(name, text.encode()) for name, text in record.headers.items()],
            )
            for record in records
        ]
        await asyncio.gather(*sent)

    async def close(self) -> None:
        """Lets the producer go; harmless when it never started."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **aiokafka_options(self._settings),
                    client_id="bitacora-ingest",
                    acks="all",
                    enable_idempotence=True,
                    compression_type="lz4",
                    linger_ms=5,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()  # or its half-open connections complain at the end of the process
                    raise
                self._producer = producer
            return self._producer
