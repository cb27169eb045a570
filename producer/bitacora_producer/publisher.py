"""Sending composed events, and keeping account of what became of each."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from bitacora_schemas.events.blocks import Chatbot

from bitacora_producer.compose import Sender
from bitacora_producer.errors import ClosedError, DeliveryError, FlushTimeoutError
from bitacora_producer.functions import Functions
from bitacora_producer.record import Delivery, Record, Report
from bitacora_producer.transport import KafkaTransport, Transport

OnDelivery = Callable[[Delivery], None]
MakeTransport = Callable[[Report], Transport]
"""Makes the transport; it tells the given function about records that a former process left on disk."""


class Pending:
    """What will be known about an event; the transport's report. As a future it never raises for the event's sake."""

    __slots__ = ("_delivery", "_number", "_publisher", "event_id")

    def __init__(self, publisher: "Publisher", number: int, event_id: UUID | None) -> None:
        self._publisher = publisher
        self._number = number
        self._delivery: Delivery | None = None
        self.event_id = event_id

    def done(self) -> bool:
        """Return whether it is known."""
        return self._delivery is not None

    def result(self, timeout: float | None = None) -> Delivery:
        """Return what became of the event; TimeoutError when that is not known within `timeout` seconds."""
        self._publisher.wait_for(self.done, timeout)
        if self._delivery is None:
            raise TimeoutError(f"nothing is known about the event after {timeout} s")
        return self._delivery

    def __call__(self, delivery: Delivery) -> None:
        try:
            self._publisher.note(delivery)
        finally:
            self._delivery = delivery
            self._publisher.settle(self._number)


class Receipt(NamedTuple):
    """An event on its way."""

    event_id: UUID | None
    thread_key: str
    message_id: str | None
    delivery: Pending

    def wait(self, timeout: float = 30.0) -> Delivery:
        """Return once it is safe, in Kafka or on disk; `state` tells which.

        DeliveryError when it is neither, TimeoutError when that is not known yet.
        """
        delivery = self.delivery.result(timeout)
        if delivery.error is not None:
            raise DeliveryError((delivery,)) from delivery.error
        return delivery


class Publisher(Functions[Receipt]):
    """Publishes events of one connection. Thread-safe, as its transport is."""

    def __init__(
        self,
        sender: Sender,
        make_transport: MakeTransport,
        *,
        chatbot: Chatbot | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> None:
        super().__init__(sender, chatbot)
        self._on_delivery = on_delivery
        self._settled = threading.Condition()
        self._number = 0
        self._pending: dict[int, Pending] = {}
        self._failed: list[Delivery] = []
        self._transport = make_transport(self.note)

    def flush(self, timeout: float = 30.0) -> None:
        """Wait until every event so far is safe: in Kafka, or on disk when there is a spool.

        Raises FlushTimeoutError when that takes longer than `timeout` seconds; it names the events that are not
        safe. Raises DeliveryError for events that failed since the last call, unless a callback takes them.
        """
        until = monotonic() + timeout
        with self._settled:
            last = self._number
        spooled, grace = 0, 1.0  # a transport may return a moment before its last report has run
        try:
            self._transport.flush(timeout)
        except FlushTimeoutError as error:
            spooled, grace = error.spooled, 0.0
        with self._settled:
            if not self._settled.wait_for(lambda: self._is_settled(last), max(until - monotonic(), grace)):
                waiting = tuple(one.event_id for number, one in self._pending.items() if number <= last)
                raise FlushTimeoutError(timeout, waiting, spooled)
        self._raise_failed()

    def drain(self, timeout: float = 30.0) -> None:
        """Wait until everything is in Kafka, also what lies on disk, from former processes too.

        Raises as `flush` does; FlushTimeoutError then also counts what is `spooled`.
        """
        if isinstance(self._transport, KafkaTransport):
            self._transport.drain(timeout)
        self.flush(timeout)

    @property
    def spooled(self) -> int:
        """How many events lie on disk and are not in Kafka yet."""
        return self._transport.spooled if isinstance(self._transport, KafkaTransport) else 0

    def close(self, timeout: float = 30.0) -> None:
        """Settle everything within `timeout` seconds and let go of the connections and the spool.

        What is then not in Kafka goes to disk; without a spool it fails. Raises DeliveryError for every event that
        is in neither place, unless a callback was told. `spooled` says how many wait on disk for the next process.
        """
        self._transport.close(timeout)
        with self._settled:
            lost, self._pending = self._pending, {}
            why = ClosedError("closed before anything was known about it")
            self._failed += [
                Delivery(one.event_id, self._sender.topic, None, None, why) for one in lost.values()
            ]
        self._raise_failed()

    def send_record(self, record: Record) -> Pending:
        """Send a record as it is, unchecked. Raises BufferFullError when it was not taken, and ClosedError."""
        with self._settled:
            self._number = number = self._number + 1
            pending = self._pending[number] = Pending(self, number, record.event_id)
        try:
            self._transport.send(record, pending)
        except BaseException:
            self.settle(number)
            raise
        return pending

    def note(self, delivery: Delivery) -> None:
        """Take a delivery report: for the caller's callback, or for `flush` when it is a failure."""
        if self._on_delivery is not None:
            self._on_delivery(delivery)
        elif delivery.error is not None:
            with self._settled:
                self._failed.append(delivery)

    def settle(self, number: int) -> None:
        """Note that nothing more will be said about an event, and wake who waits for that."""
        with self._settled:
            self._pending.pop(number, None)
            self._settled.notify_all()

    def wait_for(self, true: Callable[[], bool], timeout: float | None) -> None:
        """Return when a condition holds, asked whenever an event is settled, or after `timeout` seconds."""
        with self._settled:
            self._settled.wait_for(true, timeout)

    def _dispatch(self, record: Record, message_id: str | None) -> Receipt:
        key = "" if record.key is None else record.key.decode()
        return Receipt(record.event_id, key, message_id, self.send_record(record))

    def _is_settled(self, last: int) -> bool:
        return next(iter(self._pending), last + 1) > last

    def _raise_failed(self) -> None:
        with self._settled:
            failed, self._failed = tuple(self._failed), []
        if failed:
            raise DeliveryError(failed)
