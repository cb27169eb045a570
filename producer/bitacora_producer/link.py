"""One connection to Kafka, from its making to its first failure: kafka-python's producer.

Order rests on this: once a record failed, nothing after it leaves by the same link. kafka-python would go on, so its
sender is stopped within the report of the failure; what is not acknowledged goes again, in order, by the next link.
"""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka import errors as kafka_errors

from bitacora_producer.buffer import Bell
from bitacora_producer.flight import Flight

log = logging.getLogger(__name__)

FOREVER_MS = 2**31 - 1
_REFUSALS = (
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidRecordError,
    kafka_errors.InvalidTimestampError,
    kafka_errors.InvalidTopicError,
    ValueError,
    TypeError,
    AssertionError,
)
"""A record that was answered so will never be taken; after any other error it may be."""


class Outcome(NamedTuple):
    """What Kafka said about a flight: its place, or for what it will never take it."""

    flight: Flight
    partition: int | None
    offset: int | None
    error: BaseException | None
    believed: bool = True


class Link:
    """Sends records in order. `broken` is what it failed for; then it sends nothing more.

    A `careful` link sends every record by itself, so that it is known which of them Kafka refuses.
    """

    def __init__(
        self, bootstrap: str | Sequence[str], options: Mapping[str, Any], bell: Bell, *, careful: bool = False
    ) -> None:
        """Connect; KafkaError when that fails, ValueError for options that are none."""
        alone = {"batch_size": 0, "linger_ms": 0} if careful else {}
        self.careful = careful
        self.broken: BaseException | None = None
        self._bell = bell
        self._outcomes: deque[Outcome] = deque()
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, **{**options, **alone})
        self.made_at = monotonic()

    def send(self, flight: Flight) -> None:
        """Hand a record over; blocks for a topic that is not known yet, up to `max_block_ms`."""
        record = flight.record
        try:
            future = self._producer.send(
                record.topic, value=record.value, key=record.key, headers=list(record.headers)
            )
        except _REFUSALS as error:
            self._outcomes.append(Outcome(flight, None, None, error))
            self._bell.ring()
        except kafka_errors.KafkaError as error:
            self.stop(error)
        else:
            future.add_both(_Launch(self, flight))

    def outcomes(self) -> list[Outcome]:
        """Return what became known since the last time."""
        return [self._outcomes.popleft() for _ in range(len(self._outcomes))]

    def stop(self, error: BaseException) -> None:
        """Send nothing more, from this moment; any thread may say so, kafka-python's own too."""
        if self.broken is None:
            self.broken = error
            # The public close() waits for what is buffered first, and cannot be called from a report.
            self._producer._sender.force_close()  # noqa: SLF001
        self._bell.ring()

    def discard(self) -> None:
        """Stop, and tidy up in the background."""
        self.stop(kafka_errors.KafkaConnectionError("discarded"))
        threading.Thread(
            target=self.close, args=(5.0,), name="bitacora-producer-discard", daemon=True
        ).start()

    def close(self, timeout: float) -> None:
        """Close the connections; what is buffered is sent if that can be done in time."""
        if self.broken is not None:
            self._producer._sender.join(timeout)  # noqa: SLF001 - else close() waits for what never comes
        with contextlib.suppress(kafka_errors.KafkaError):
            self._producer.close(timeout=timeout)
            return
        self.stop(kafka_errors.KafkaTimeoutError("closed before everything was acknowledged"))

    def note(self, flight: Flight, said: Any) -> None:
        """Take kafka-python's word for a flight: its place or an error. Called in kafka-python's thread."""
        if not isinstance(said, BaseException):
            self._outcomes.append(Outcome(flight, said.partition, said.offset, None))
            self._bell.ring()
            return
        if isinstance(said, _REFUSALS):
            self._outcomes.append(Outcome(flight, None, None, said, believed=self.careful))
        self.stop(said)


class _Launch:
    """A flight by this link; what is said of it later, even after the flight went by another, is said to this one."""

    __slots__ = ("_flight", "_link")

    def __init__(self, link: Link, flight: Flight) -> None:
        self._link = link
        self._flight = flight

    def __call__(self, said: Any) -> None:
        self._link.note(self._flight, said)
