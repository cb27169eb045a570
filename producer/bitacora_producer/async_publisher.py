"""The same publishing for asyncio: nothing here blocks the loop, and a full buffer makes callers wait in line."""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import NamedTuple
from uuid import UUID

from bitacora_schemas.events.blocks import Chatbot

from bitacora_producer.compose import Sender
from bitacora_producer.errors import BufferFullError, ClosedError, DeliveryError, FlushTimeoutError
from bitacora_producer.functions import Functions
from bitacora_producer.limits import Limits
from bitacora_producer.loop_inbox import LoopInbox, Waiting
from bitacora_producer.publisher import MakeTransport, OnDelivery
from bitacora_producer.record import Delivery, Record, Report
from bitacora_producer.transport import KafkaTransport, Transport

_LOOK_SECONDS = 0.05


class AsyncReceipt(NamedTuple):
    """An event on its way."""

    event_id: UUID | None
    thread_key: str
    message_id: str | None
    delivery: "asyncio.Future[Delivery]"

    async def wait(self, timeout: float = 30.0) -> Delivery:  # noqa: ASYNC109 - as its twin for threads
        """Return once it is safe, in Kafka or on disk; errors as `Receipt.wait`."""
        delivery = await asyncio.wait_for(asyncio.shield(self.delivery), timeout)
        if delivery.error is not None:
            raise DeliveryError((delivery,)) from delivery.error
        return delivery


class AsyncPublisher(Functions[Awaitable[AsyncReceipt]]):
    """Publishes events of one connection from one event loop, the one it was started in."""

    def __init__(
        self,
        sender: Sender,
        make_transport: MakeTransport,
        *,
        limits: Limits,
        chatbot: Chatbot | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> None:
        super().__init__(sender, chatbot)
        self._make_transport = make_transport
        self._limits = limits
        self._on_delivery = on_delivery
        self._transport: Transport | None = None
        self._inbox: LoopInbox
        self._pending: dict[asyncio.Future[Delivery], UUID | None] = {}
        self._failed: list[Delivery] = []
        self._line = asyncio.Lock()
        self._in_line = 0

    async def flush(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        """Wait until every event so far is safe; errors as `Producer.flush`."""
        waiting = dict(self._pending)
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=timeout)
            if late:
                ids = tuple(event for future, event in waiting.items() if future in late)
                raise FlushTimeoutError(timeout, ids, self.spooled)
        self._raise_failed()

    async def drain(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        """Wait until everything is in Kafka, also what lies on disk; errors as `Producer.drain`."""
        if isinstance(self._transport, KafkaTransport):
            await asyncio.to_thread(self._transport.drain, timeout)
        await self.flush(timeout)

    @property
    def spooled(self) -> int:
        """How many events lie on disk and are not in Kafka yet."""
        return self._transport.spooled if isinstance(self._transport, KafkaTransport) else 0

    async def close(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        """Settle everything within `timeout` seconds and let go; errors as `Producer.close`."""
        await self._let_go(timeout)
        why = ClosedError("closed before anything was known about it")
        lost = [Delivery(event, self._sender.topic, None, None, why) for event in self._pending.values()]
        self._pending.clear()
        self._failed += lost
        self._raise_failed()

    async def send_record(self, record: Record) -> "asyncio.Future[Delivery]":
        """Send a record as it is, unchecked; waits in line while the buffer is full, up to `Limits.wait` seconds."""
        if self._transport is None:
            raise ClosedError("not started: use `async with`, or await `start()` first")
        future: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
        report = partial(self._inbox.put, future)
        self._pending[future] = record.event_id
        try:
            if self._in_line or not self._try(record, report):
                await self._stand_in_line(record, report)
        except BaseException:
            self._pending.pop(future, None)
            raise
        return future

    async def _start(self) -> None:
        self._inbox = LoopInbox(asyncio.get_running_loop(), self._deliver)
        self._transport = await asyncio.to_thread(self._make_transport, partial(self._inbox.put, None))

    async def _let_go(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        if self._transport is not None:
            await asyncio.to_thread(self._transport.close, timeout)
        if self._pending:
            await asyncio.wait(self._pending, timeout=1.0)  # the last reports are on their way into the loop

    def _dispatch(self, record: Record, message_id: str | None) -> Awaitable[AsyncReceipt]:
        return self._send(record, message_id)

    async def _send(self, record: Record, message_id: str | None) -> AsyncReceipt:
        key = "" if record.key is None else record.key.decode()
        return AsyncReceipt(record.event_id, key, message_id, await self.send_record(record))

    def _try(self, record: Record, report: Report) -> bool:
        try:
            self._give(record, report)
        except BufferFullError:
            return False
        return True

    def _give(self, record: Record, report: Report) -> None:
        transport = self._transport
        if isinstance(transport, KafkaTransport):
            transport.try_send(record, report)
        elif transport is not None:
            transport.send(record, report)

    async def _stand_in_line(self, record: Record, report: Report) -> None:
        """Wait for room behind those who came before, so that order is kept."""
        self._in_line += 1
        try:
            async with asyncio.timeout(self._limits.wait):
                async with self._line:
                    while not self._try(record, report):
                        await self._room(record.size)
        except TimeoutError:
            self._give(record, report)  # says by which error it is full
        finally:
            self._in_line -= 1

    async def _room(self, size: int) -> None:
        there_is_room = asyncio.Event()
        if isinstance(self._transport, KafkaTransport):
            self._transport.buffer.when_room(size, partial(self._inbox.wake, there_is_room))
            await there_is_room.wait()
        else:
            await asyncio.sleep(_LOOK_SECONDS)

    def _deliver(self, waiting: Waiting, delivery: Delivery) -> None:
        try:
            if self._on_delivery is not None:
                self._on_delivery(delivery)
            elif delivery.error is not None:
                self._failed.append(delivery)
        finally:
            if waiting is not None:
                self._pending.pop(waiting, None)
                if not waiting.done():
                    waiting.set_result(delivery)

    def _raise_failed(self) -> None:
        failed, self._failed = tuple(self._failed), []
        if failed:
            raise DeliveryError(failed)
