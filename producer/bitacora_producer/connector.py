"""Making links to Kafka in the background, again and again while Kafka is away."""

import logging
import threading
from collections.abc import Callable
from time import monotonic

from kafka.errors import KafkaError

from bitacora_producer.buffer import Bell
from bitacora_producer.link import Link

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0

Connect = Callable[[bool], Link]
"""Makes a link, a careful one if asked; KafkaError or OSError when that fails."""


class Connector:
    """At most one attempt at a time, with growing pauses. One thread may use it."""

    def __init__(self, connect: Connect, bell: Bell) -> None:
        self._connect = connect
        self._bell = bell
        self._attempt: threading.Thread | None = None
        self._made: Link | None = None
        self._failures = 0
        self._not_before = 0.0

    def poll(self, *, careful: bool) -> Link | None:
        """Return a link when one has been made, else see to it that one is tried for."""
        if self._attempt is not None:
            if self._attempt.is_alive():
                return None
            self._attempt = None
            made, self._made = self._made, None
            return made
        if monotonic() >= self._not_before:
            self._attempt = threading.Thread(
                target=self._try, args=(careful,), name="bitacora-producer-connect", daemon=True
            )
            self._attempt.start()
        return None

    def failed(self, error: BaseException) -> None:
        """Note that a link failed: the next attempt waits, the longer the more failed in a row."""
        pause = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 10)
        self._not_before = monotonic() + pause
        log.warning("no link to Kafka, trying again in %.1f s: %r", pause, error)

    def succeeded(self) -> None:
        """Note that Kafka acknowledged something."""
        self._failures = 0

    def close(self, timeout: float) -> None:
        """Wait for an attempt under way, and close what comes of it."""
        if self._attempt is not None:
            self._attempt.join(timeout)
        if self._made is not None:
            self._made.close(0.0)

    def _try(self, careful: bool) -> None:  # noqa: FBT001 - a thread's argument
        try:
            self._made = self._connect(careful)
        except (KafkaError, OSError, ValueError, RuntimeError) as error:
            self.failed(error)
        self._bell.ring()
