"""The producer that a chatbot runtime holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from bitacora_schemas.events.blocks import Chatbot, Environment
from bitacora_schemas.topics import EVENTS

from bitacora_producer.compose import Sender
from bitacora_producer.conversations import ConversationFunctions
from bitacora_producer.message_changes import MessageChangeFunctions
from bitacora_producer.messages import MessageFunctions
from bitacora_producer.profiles import ProfileFunctions
from bitacora_producer.publisher import OnDelivery
from bitacora_producer.transport import KafkaTransport, Transport


def _now() -> datetime:
    return datetime.now(UTC)


class Producer(MessageFunctions, MessageChangeFunctions, ConversationFunctions, ProfileFunctions):
    """Publishes the events of one connection: one typed function an event. Thread-safe; share one in a process.

    A function returns at once with a Receipt; the event is safe in Kafka when `receipt.wait()` or `flush()`
    return. It raises InvalidEventError for what ingest would refuse. As a context manager it flushes at the end.
    """

    def __init__(
        self,
        bootstrap: str | Sequence[str] = "127.0.0.1:9092",
        *,
        account: str,
        connection: str,
        environment: Environment = "production",
        chatbot: Chatbot | None = None,
        topic: str = EVENTS,
        on_delivery: OnDelivery | None = None,
        kafka: Mapping[str, Any] | None = None,
        transport: Transport | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Connect to Kafka, or take `transport` instead.

        `chatbot` is named by every event that names none itself. `on_delivery` is called from another thread
        for every event; without it, failures are raised by `flush` and `close`. `kafka` holds further settings
        of kafka-python's KafkaProducer, such as security.
        """
        super().__init__(
            Sender(account, connection, environment, topic, clock),
            transport or KafkaTransport(bootstrap, kafka),
            chatbot=chatbot,
            on_delivery=on_delivery,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Flush and close; a failure of delivery does not hide an exception of the block."""
        try:
            if error is None:
                self.flush()
        finally:
            self._transport.close(30.0)
