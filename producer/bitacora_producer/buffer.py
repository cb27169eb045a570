"""What was accepted and is not settled yet: bounded, and shared by callers and the carrier."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from uuid import UUID

from bitacora_producer.errors import BufferFullError, ClosedError
from bitacora_producer.flight import Flight
from bitacora_producer.limits import Limits
from bitacora_producer.record import Record, Report


class Bell:
    """Wakes the one thread that waits for it; ringing twice is ringing once."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Wake it, now or when it next waits."""
        if not self._event.is_set():
            self._event.set()

    def wait(self, timeout: float) -> None:
        """Return when rung since the last time, or after `timeout` seconds."""
        self._event.wait(timeout)
        self._event.clear()


class Buffer:
    """Takes records from any thread, in order for each; the carrier takes them out and says when they are settled."""

    def __init__(self, limits: Limits, bell: Bell) -> None:
        self._limits = limits
        self._bell = bell
        self._changed = threading.Condition()
        self._outstanding: dict[int, Flight] = {}
        self._new: deque[Flight] = deque()
        self._bytes = 0
        self._number = 0
        self._closed: ClosedError | None = None
        self._waiting_for_room: list[Callable[[], None]] = []
        self.obstacle: BufferFullError | None = None

    def put(self, record: Record, report: Report, wait: float) -> None:
        """Accept a record; when full, wait up to `wait` seconds for room, then BufferFullError.

        ClosedError when nothing is accepted any more.
        """
        size = record.size
        with self._changed:
            if not self._has_room(size) and not (
                wait > 0 and self._changed.wait_for(lambda: self._has_room(size), wait)
            ):
                raise self._full()
            if self._closed is not None:
                raise ClosedError(str(self._closed)) from self._closed.__cause__
            self._number += 1
            flight = Flight(self._number, record, report, size)
            self._outstanding[self._number] = flight
            self._bytes += size
            self._new.append(flight)
        self._bell.ring()

    def when_room(self, size: int, callback: Callable[[], None]) -> None:
        """Call back once, from any thread, when something was settled; at once when there is room for `size`."""
        with self._changed:
            if not self._has_room(size):
                self._waiting_for_room.append(callback)
                return
        callback()

    def take(self) -> deque[Flight]:
        """Return what was accepted since the last time."""
        with self._changed:
            taken, self._new = self._new, deque()
        return taken

    def settle(self, flights: Iterable[Flight]) -> None:
        """Let go of flights that were reported, and wake who waits for room or for the end."""
        with self._changed:
            for flight in flights:
                del self._outstanding[flight.number]
                self._bytes -= flight.size
            callbacks, self._waiting_for_room = self._waiting_for_room, []
            self._changed.notify_all()
        for callback in callbacks:
            callback()

    def close(self, why: ClosedError) -> None:
        """Accept nothing more."""
        with self._changed:
            self._closed = self._closed or why
            callbacks, self._waiting_for_room = self._waiting_for_room, []
            self._changed.notify_all()
        for callback in callbacks:
            callback()

    def oldest(self) -> float | None:
        """Return when the oldest outstanding record was accepted (monotonic seconds); None when there is none."""
        with self._changed:
            for flight in self._outstanding.values():
                return flight.accepted_at
        return None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is outstanding."""
        return not self._outstanding

    def outstanding(self) -> list[Flight]:
        """Return all that is accepted and not settled, in order."""
        with self._changed:
            return list(self._outstanding.values())

    def wait_settled(self, timeout: float) -> bool:
        """Return whether everything accepted until now was settled within `timeout` seconds."""
        with self._changed:
            last = self._number
            return self._changed.wait_for(lambda: self._settled_up_to(last), timeout)

    def wait_until(self, true: Callable[[], bool], timeout: float) -> bool:
        """Return whether a condition became true within `timeout` seconds; it is asked whenever something settles."""
        with self._changed:
            return self._changed.wait_for(true, timeout)

    def waiting_ids(self) -> tuple[UUID | None, ...]:
        """Return the event ids of all that is outstanding, in order."""
        return tuple(flight.record.event_id for flight in self.outstanding())

    def _settled_up_to(self, number: int) -> bool:
        return next(iter(self._outstanding), number + 1) > number

    def _has_room(self, size: int) -> bool:
        if self._closed is not None:
            return True
        return len(self._outstanding) < self._limits.records and (
            self._bytes + size <= self._limits.bytes or not self._outstanding
        )

    def _full(self) -> BufferFullError:
        if self.obstacle is not None:
            full = type(self.obstacle)(str(self.obstacle))
            full.__cause__ = self.obstacle.__cause__
            return full
        return BufferFullError(f"{len(self._outstanding)} events ({self._bytes} bytes) wait for Kafka")
