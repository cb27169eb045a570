"""Sending composed events, and keeping account of what Kafka said about each."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Any, NamedTuple, Unpack
from uuid import UUID

from bitacora_schemas.events.blocks import Chatbot, EventData

from bitacora_producer.compose import Common, CommonWithContact, Sender, compose
from bitacora_producer.errors import DeliveryError, FlushTimeoutError
from bitacora_producer.record import Delivery, Record
from bitacora_producer.thread import Thread
from bitacora_producer.transport import Transport

OnDelivery = Callable[[Delivery], None]


class Receipt(NamedTuple):
    """An event on its way."""

    event_id: UUID | None
    thread_key: str
    message_id: str | None
    delivery: "Future[Delivery]"

    def wait(self, timeout: float = 30.0) -> Delivery:
        """Return its place in Kafka; DeliveryError when it has none, TimeoutError when that is not known yet."""
        delivery = self.delivery.result(timeout)
        if delivery.error is not None:
            raise DeliveryError((delivery,)) from delivery.error
        return delivery


class Publisher:
    """Publishes events of one connection. Thread-safe, as its transport is."""

    def __init__(
        self,
        sender: Sender,
        transport: Transport,
        *,
        chatbot: Chatbot | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> None:
        self._sender = sender
        self._transport = transport
        self._chatbot = chatbot
        self._on_delivery = on_delivery
        self._settled = threading.Condition()
        self._pending = 0
        self._failed: list[Delivery] = []

    def flush(self, timeout: float = 30.0) -> None:
        """Wait until every event so far is in Kafka.

        Raises FlushTimeoutError when that takes longer than `timeout` seconds, and DeliveryError for events
        that failed since the last call, unless a delivery callback takes them.
        """
        until = monotonic() + timeout
        self._transport.flush(timeout)
        with self._settled:
            # A transport may return a moment before its last report has run.
            if not self._settled.wait_for(lambda: self._pending == 0, max(until - monotonic(), 1.0)):
                raise FlushTimeoutError(f"{self._pending} events are still on their way")
        self._raise_failed()

    def close(self, timeout: float = 30.0) -> None:
        """Send what is left and let go of the connections; DeliveryError as in `flush`."""
        self._transport.close(timeout)
        self._raise_failed()

    def publish(self, data: EventData, **common: Unpack[Common]) -> Receipt:
        """Publish an event given as the contract's own value, for callers that hold one (adapters, tests).

        Raises InvalidEventError for what ingest would refuse.
        """
        return self._publish(data, common)

    def send_record(self, record: Record) -> "Future[Delivery]":
        """Send a record as it is, unchecked; the future never raises, its Delivery tells."""
        done: Future[Delivery] = Future()

        def report(delivery: Delivery) -> None:
            try:
                if self._on_delivery is not None:
                    self._on_delivery(delivery)
            finally:
                self._settle(delivery)
                done.set_result(delivery)

        with self._settled:
            self._pending += 1
        try:
            self._transport.send(record, report)
        except BaseException:
            if not done.done():  # else it was the caller's own callback that raised
                with self._settled:
                    self._pending -= 1
            raise
        return done

    def _publish(
        self, data: EventData, common: Common | CommonWithContact, message_id: str | None = None
    ) -> Receipt:
        record = compose(self._sender, data, common)
        key = "" if record.key is None else record.key.decode()
        return Receipt(record.event_id, key, message_id, self.send_record(record))

    def _blocks(self, thread: Thread, common: Common | CommonWithContact) -> dict[str, Any]:
        """Return the blocks that the data of every event may hold."""
        return {
            "thread": thread.block(),
            "chatbot": common.get("chatbot") or self._chatbot,
            "conversation": common.get("conversation"),
            "origin": common.get("origin"),
        }

    def _settle(self, delivery: Delivery) -> None:
        with self._settled:
            self._pending -= 1
            if delivery.error is not None and self._on_delivery is None:
                self._failed.append(delivery)
            if self._pending == 0:
                self._settled.notify_all()

    def _raise_failed(self) -> None:
        with self._settled:
            failed, self._failed = tuple(self._failed), []
        if failed:
            raise DeliveryError(failed)
