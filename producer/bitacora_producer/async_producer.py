"""The producer for asyncio."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bitacora_schemas.events.blocks import Chatbot, Environment
from bitacora_schemas.topics import EVENTS

from bitacora_producer.async_publisher import AsyncPublisher, AsyncReceipt
from bitacora_producer.compose import Sender
from bitacora_producer.conversations import ConversationFunctions
from bitacora_producer.limits import Limits, SpoolSettings
from bitacora_producer.message_changes import MessageChangeFunctions
from bitacora_producer.messages import MessageFunctions
from bitacora_producer.producer import spool_settings, utc_now
from bitacora_producer.profiles import ProfileFunctions
from bitacora_producer.publisher import OnDelivery
from bitacora_producer.record import Report
from bitacora_producer.transport import KafkaTransport, Transport


class AsyncProducer(
    MessageFunctions[Awaitable[AsyncReceipt]],
    MessageChangeFunctions[Awaitable[AsyncReceipt]],
    ConversationFunctions[Awaitable[AsyncReceipt]],
    ProfileFunctions[Awaitable[AsyncReceipt]],
    AsyncPublisher,
):
    """`Producer` with every function awaitable; for one event loop.

    Awaiting a function waits while the buffer is full, not for Kafka: `await receipt.wait()` does that. Events are
    accepted in the order in which the awaits begin. Use it as an async context manager, or `start()` and `close()`.
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
        """Arguments as those of `Producer`; `on_delivery` is called in the loop. Nothing is connected before `start`."""

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
            limits=limits or Limits(),
            chatbot=chatbot,
            on_delivery=on_delivery,
        )

    async def start(self) -> Self:
        """Connect; errors as those of `Producer`."""
        await self._start()
        return self

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; a failure of delivery does not hide an exception of the block."""
        if error is None:
            await self.close()
        else:
            await self._let_go()
