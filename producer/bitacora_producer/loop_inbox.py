"""From the carrier's thread into an event loop, many reports with one call."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable

from bitacora_producer.record import Delivery

Waiting = asyncio.Future[Delivery] | None


class LoopInbox:
    """Takes reports from any thread; `deliver` gets them in the loop, in order."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[Waiting, Delivery], None]) -> None:
        self._loop = loop
        self._deliver = deliver
        self._lock = threading.Lock()
        self._reports: deque[tuple[Waiting, Delivery]] = deque()
        self._is_called = False

    def put(self, waiting: Waiting, delivery: Delivery) -> None:
        """Bring a report to the loop; `waiting` is who awaits it, if anybody does."""
        with self._lock:
            self._reports.append((waiting, delivery))
            if self._is_called:
                return
            self._is_called = True
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it who waited
            self._loop.call_soon_threadsafe(self._empty)

    def wake(self, event: asyncio.Event) -> None:
        """Set an event of the loop, from any thread."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(event.set)

    def _empty(self) -> None:
        with self._lock:
            reports, self._reports = self._reports, deque()
            self._is_called = False
        for waiting, delivery in reports:
            self._deliver(waiting, delivery)
