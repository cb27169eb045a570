"""How records travel: the seam where a disk spool or another client can be put in."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from bitacora_producer.errors import FlushTimeoutError
from bitacora_producer.record import Delivery, Record

Report = Callable[[Delivery], None]


class Transport(Protocol):
    """Carries records in order of sending per key. All methods may be called from any thread."""

    def send(self, record: Record, report: Report) -> None:
        """Take a record; `report` is called once, from any thread, when its fate is known."""

    def flush(self, timeout: float) -> None:
        """Wait until every record taken so far is reported; FlushTimeoutError after `timeout` seconds."""

    def close(self, timeout: float) -> None:
        """Send what is left, for at most `timeout` seconds, and let go of everything."""


class KafkaTransport:
    """kafka-python's producer: acks from all replicas, idempotent, murmur2 partitioner, lz4."""

    def __init__(self, bootstrap: str | Sequence[str], options: Mapping[str, Any] | None = None) -> None:
        """`options` go to KafkaProducer as they are: security, timeouts, buffers."""
        settings: dict[str, Any] = {
            "bootstrap_servers": bootstrap,
            "acks": "all",
            "enable_idempotence": True,
            "linger_ms": 5,
            "compression_type": "lz4" if find_spec("lz4") else None,
            **(options or {}),
        }
        self._producer = KafkaProducer(**settings)

    def send(self, record: Record, report: Report) -> None:
        """Take a record; blocks while the buffer is full or the topic unknown. Every failure is reported."""
        try:
            future = self._producer.send(
                record.topic, value=record.value, key=record.key, headers=list(record.headers)
            )
        except KafkaError as error:
            report(Delivery(record.event_id, record.topic, None, None, error))
            return

        def succeeded(place: Any) -> None:
            report(Delivery(record.event_id, place.topic, place.partition, place.offset, None))

        def failed(error: BaseException) -> None:
            report(Delivery(record.event_id, record.topic, None, None, error))

        future.add_callback(succeeded)
        future.add_errback(failed)

    def flush(self, timeout: float) -> None:
        """Wait for every record taken so far."""
        try:
            self._producer.flush(timeout=timeout)
        except KafkaTimeoutError as error:
            raise FlushTimeoutError(f"not all events were delivered within {timeout} s") from error

    def close(self, timeout: float) -> None:
        """Send what is left and close the connections."""
        self._producer.close(timeout=timeout)
