"""The one thread that decides where a record goes next: to Kafka, to disk, or back to its caller as failed."""

import logging
import threading
from collections import deque
from collections.abc import Collection
from itertools import islice
from time import monotonic

from kafka.errors import KafkaTimeoutError

from bitacora_producer.buffer import Bell, Buffer
from bitacora_producer.connector import Connect, Connector
from bitacora_producer.errors import ClosedError, DeliveryTimeoutError, SpoolWriteError
from bitacora_producer.flight import Flight
from bitacora_producer.limits import Limits
from bitacora_producer.link import Link, Outcome
from bitacora_producer.record import Delivery, Report, failure
from bitacora_producer.spool import Spool
from bitacora_producer.telling import Telling
from bitacora_producer.window import Window

log = logging.getLogger(__name__)

WINDOW_RECORDS = 2_000
WINDOW_BYTES = 4 * 2**20
STALE_SECONDS = 120.0
_TICK = 0.05
_IDLE = 10.0
_DISK_PAUSE = 1.0


class Carrier:
    """Owns link, window and spool; nobody else touches them while it runs.

    Order: window first, then what lies unread in the spool, then the queue. A record moves from the queue into the
    spool or into the window, never past another.
    """

    def __init__(
        self,
        connect: Connect,
        buffer: Buffer,
        bell: Bell,
        limits: Limits,
        *,
        spool: Spool | None,
        away_after: float,
        on_replayed: Report,
    ) -> None:
        self._buffer = buffer
        self._bell = bell
        self._limits = limits
        self._spool = spool
        self._away_after = away_after
        self._telling = Telling(buffer, on_replayed)
        self._connector = Connector(connect, bell)
        self._link: Link | None = None
        self._last_error: BaseException | None = None
        self._careful = False
        self._window = Window()
        self._suspects: tuple[Flight, ...] = ()
        self._resend: deque[Flight] = deque()
        self._queue: deque[Flight] = deque()
        self._spooling = spool is not None and spool.has_unread
        self._proven = True
        self._progress_at = monotonic()
        self._disk_again_at = 0.0
        self._close_by: float | None = None
        self._ended = False
        self.thread = threading.Thread(target=self._run, name="bitacora-producer", daemon=True)

    def start(self, link: Link | None) -> None:
        """Begin, with a link if there is one already."""
        self._link = link
        self.thread.start()

    def close(self, timeout: float) -> None:
        """Settle everything within `timeout` seconds and end: on disk if not in Kafka, failed if on neither."""
        self._close_by = monotonic() + timeout
        self._bell.ring()
        self.thread.join(timeout + 30.0)

    @property
    def spooled(self) -> int:
        """How many records are on disk and not acknowledged by Kafka."""
        return 0 if self._spool is None else self._spool.records

    def _run(self) -> None:
        try:
            while not self._ended:
                self._bell.wait(self._pause())
                self._step(monotonic())
            self._let_go()
        except BaseException as error:  # a bug: say so to everybody who waits, and take nothing more
            log.exception("the producer's thread ended")
            gone = ClosedError("the producer's thread ended by an error")
            gone.__cause__ = error
            self._buffer.close(gone)
            self._fail(self._buffer.outstanding(), gone)
            self._telling.tell()
            raise

    def _pause(self) -> float:
        if self._close_by is not None or self._queue or self._window or self._spooling:
            return _TICK
        return _IDLE

    def _step(self, now: float) -> None:
        self._queue.extend(self._buffer.take())
        self._look_after_link(now)
        if self._spool is not None:
            self._choose(self._spool, now)
        if self._spooling and self._spool is not None:
            self._replay(self._spool)
            self._store(self._spool, now)
        else:
            self._send_queue()
            self._expire(now)
        self._telling.tell()
        self._look_for_end(now)

    def _look_after_link(self, now: float) -> None:
        link = self._link
        if link is not None:
            self._hear(link, now)
            if link.broken is None and self._window and self._is_stale(link, now):
                link.stop(KafkaTimeoutError(f"nothing was acknowledged for {STALE_SECONDS} s"))
            if link.broken is not None:
                self._hear(link, now)
                self._last_error = link.broken
                self._connector.failed(link.broken)
                link.discard()
                self._link = link = None
            elif link.careful and all(flight.done for flight in self._suspects):
                link.discard()
                self._careful = False
                self._link = link = None
        if link is None and (self._queue or self._window or self._spooling):
            self._link = self._connector.poll(careful=self._careful)
            if self._link is not None:
                self._suspects = tuple(self._window.undone())
                self._resend = deque(self._suspects)
        while self._resend and self._is_up():
            self._launch(self._resend.popleft())

    def _is_stale(self, link: Link, now: float) -> bool:
        return now - max(self._progress_at, link.made_at) > STALE_SECONDS

    def _hear(self, link: Link, now: float) -> None:
        for outcome in link.outcomes():
            if outcome.error is None:
                self._progress_at = now
                self._proven = True
                self._connector.succeeded()
            if not outcome.flight.done:
                self._conclude(outcome)
        spool = self._spool
        for flight in self._window.pop_done():
            if flight.place is not None and spool is not None:
                spool.forget(flight.place)
        if spool is not None:
            spool.save_progress()

    def _conclude(self, outcome: Outcome) -> None:
        flight, error = outcome.flight, outcome.error
        record = flight.record
        if error is not None and not outcome.believed:
            self._careful = True  # it may have been another record of the batch: send them one by one
            return
        if error is not None and flight.place is not None and self._spool is not None:
            try:
                self._spool.set_aside(record)
            except OSError:
                log.exception("a record that Kafka refuses cannot be set aside; it is tried again")
                self._careful = True
                return
            log.error("Kafka refuses event %s, it was set aside: %r", record.event_id, error)
        flight.done = True
        said = Delivery(record.event_id, record.topic, outcome.partition, outcome.offset, error)
        self._telling.settle(flight, said)

    def _choose(self, spool: Spool, now: float) -> None:
        """Begin to spool when Kafka is away, and end it when all that was spooled is on its way again."""
        if not self._spooling and self._is_away(now):
            log.warning("Kafka is away, events go to disk: %r", self._last_error or "no acknowledgement")
            self._spooling = True
            self._proven = False
        elif self._spooling and self._is_on_its_way(spool):
            log.info("Kafka is back, events go there again")
            self._spooling = False

    def _is_on_its_way(self, spool: Spool) -> bool:
        """Whether all of the spool went to Kafka, and Kafka has answered for some of it."""
        is_sent = self._is_up() and not spool.has_unread and not self._resend
        return is_sent and (self._proven or not self._window)

    def _is_away(self, now: float) -> bool:
        oldest = self._buffer.oldest()
        if oldest is None:
            return False
        if self._close_by is not None and (self._link is None or now >= self._close_by):
            return True
        silent_since = max(self._progress_at, oldest)
        return now - silent_since > self._away_after or now - oldest > 5 * self._away_after

    def _replay(self, spool: Spool) -> None:
        while self._is_up() and not self._resend and spool.has_unread and self._has_room():
            room = WINDOW_RECORDS - len(self._window), WINDOW_BYTES - self._window.bytes
            for record, place in spool.read(*room):
                flight = Flight(0, record, None, record.size)
                flight.place = place
                self._window.add(flight)
                if self._is_up():
                    self._launch(flight)

    def _store(self, spool: Spool, now: float) -> None:
        """Bring to disk what is nowhere safe: first what is on its way, then the queue."""
        if now < self._disk_again_at:
            return
        unsafe = [flight for flight in self._window.undone() if flight.report is not None]
        if self._append(spool, unsafe):
            spool.mark_all_read()
        if self._queue and all(flight.place is not None for flight in unsafe):
            for _ in self._append(spool, self._queue):
                self._queue.popleft()
        self._buffer.obstacle = spool.obstacle
        if isinstance(spool.obstacle, SpoolWriteError):
            log.error("%s", spool.obstacle)
            self._disk_again_at = now + _DISK_PAUSE

    def _append(self, spool: Spool, flights: Collection[Flight]) -> list[Flight]:
        """Bring the first of these to disk, as many as it takes; answer them."""
        places = spool.append([flight.record for flight in flights]) if flights else []
        stored = list(islice(flights, len(places)))
        for flight, place in zip(stored, places, strict=True):
            flight.place = place
            record = flight.record
            self._telling.settle(
                flight, Delivery(record.event_id, record.topic, None, None, None, spooled=True)
            )
        return stored

    def _send_queue(self) -> None:
        while self._queue and self._is_up() and not self._resend and self._has_room():
            flight = self._queue.popleft()
            self._window.add(flight)
            self._launch(flight)

    def _has_room(self) -> bool:
        return len(self._window) < WINDOW_RECORDS and self._window.bytes < WINDOW_BYTES

    def _is_up(self) -> bool:
        return self._link is not None and self._link.broken is None

    def _launch(self, flight: Flight) -> None:
        assert self._link is not None
        if not flight.done:
            self._link.send(flight)

    def _expire(self, now: float) -> None:
        """Without a spool, give up on what waits too long; a link that holds such records is not trusted further."""
        oldest = self._buffer.oldest()
        if self._spool is not None or oldest is None or now - oldest <= self._limits.delivery:
            return
        error = DeliveryTimeoutError(f"not acknowledged within {self._limits.delivery} s")
        error.__cause__ = self._last_error
        if self._link is not None:
            self._link.stop(error)
        outstanding = self._buffer.outstanding()
        self._fail([one for one in outstanding if now - one.accepted_at > self._limits.delivery], error)

    def _fail(self, flights: list[Flight], error: BaseException) -> None:
        for flight in flights:
            if flight.report is not None:
                flight.done = True
                self._telling.settle(flight, failure(flight.record, error))
        self._queue = deque(flight for flight in self._queue if not flight.done)

    def _look_for_end(self, now: float) -> None:
        if self._close_by is None:
            return
        is_settled = self._buffer.oldest() is None
        if is_settled or (now >= self._close_by and not self._can_still_store(now)):
            self._fail(self._buffer.outstanding(), ClosedError("closed before Kafka acknowledged it"))
            self._telling.tell()
            self._ended = True

    def _can_still_store(self, now: float) -> bool:
        """At the end of the time, one more round brings to disk what it can."""
        assert self._close_by is not None
        return self._spool is not None and self._spool.obstacle is None and now < self._close_by + _DISK_PAUSE

    def _let_go(self) -> None:
        if self._link is not None:
            if next(islice(self._window.undone(), 1), None) is not None:
                self._link.stop(ClosedError("closed"))
            self._link.close(5.0)
        self._connector.close(0.1)
        if self._spool is not None:
            self._spool.close()
