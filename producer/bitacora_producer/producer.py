"""The producer that a chatbot runtime holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bitacora_schemas.events.blocks import Chatbot, Environment
from bitacora_schemas.topics import EVENTS

from bitacora_producer.compose import Sender
from bitacora_producer.conversations import ConversationFunctions
from bitacora_producer.limits import Limits, SpoolSettings
from bitacora_producer.message_changes import MessageChangeFunctions
from bitacora_producer.messages import MessageFunctions
from bitacora_producer.profiles import ProfileFunctions
from bitacora_producer.publisher import OnDelivery, Publisher, Receipt
from bitacora_producer.record import Report
from bitacora_producer.transport import KafkaTransport, Transport


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


class Producer(
    MessageFunctions[Receipt],
    MessageChangeFunctions[Receipt],
    ConversationFunctions[Receipt],
    ProfileFunctions[Receipt],
    Publisher,
):
    """Publishes the events of one connection: one typed function an event. Thread-safe; share one in a process.

    A function returns at once with a Receipt, or waits while the buffer is full. The event is safe when
    `receipt.wait()` or `flush()` return. It raises InvalidEventError for what ingest would refuse. As a context
    manager it closes at the end. Make it after forking: a forked child gets ForkedError.
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
        spool: Path | str | SpoolSettings | None = None,
        limits: Limits | None = None,
        compression: str | None = "lz4",
        kafka: Mapping[str, Any] | None = None,
        transport: Transport | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Connect to Kafka, or take `transport` instead.

        `chatbot` is named by every event that names none itself. `on_delivery` is called from another thread for
        every event when it is acknowledged, spooled or failed, and again for a spooled one when Kafka has it;
        without it, failures are raised by `flush` and `close`. `spool` is a folder for the time when Kafka is away;
        with it, Kafka may be away from the start. `limits` bound the memory. `kafka` holds further settings of
        kafka-python's KafkaProducer, such as security.
        """

        def make_transport(on_replayed: Report) -> Transport:
            return transport or KafkaTransport(
                bootstrap,
                kafka,
                compression=compression,
                limits=limits,
                spool=spool_settings(spool),
                on_replayed=on_replayed,
            )

        super().__init__(
            Sender(account, connection, environment, topic, clock),
            make_transport,
            chatbot=chatbot,
            on_delivery=on_delivery,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; a failure of delivery does not hide an exception of the block."""
        if error is None:
            self.close()
        else:
            self._transport.close(30.0)


def spool_settings(spool: Path | str | SpoolSettings | None) -> SpoolSettings | None:
    """Return the settings that a caller means who names a folder only."""
    return SpoolSettings(Path(spool)) if isinstance(spool, str | Path) else spool
