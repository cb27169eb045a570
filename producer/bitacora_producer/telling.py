"""Telling callers what became of their records, and letting go of what was told."""

import logging

from bitacora_producer.buffer import Buffer
from bitacora_producer.flight import Flight
from bitacora_producer.record import Delivery, Report

log = logging.getLogger(__name__)


class Telling:
    """Collects what is to be said in a round. Callers are told before the buffer lets go, so `flush` comes after them."""

    def __init__(self, buffer: Buffer, on_replayed: Report) -> None:
        self._buffer = buffer
        self._on_replayed = on_replayed
        self._said: list[tuple[Flight, Report, Delivery]] = []

    def settle(self, flight: Flight, said: Delivery) -> None:
        """Have a record's caller told, once; of a record from disk, whose caller knows or is gone, whoever wants to know."""
        if flight.report is None:
            _call(self._on_replayed, said)
        else:
            self._said.append((flight, flight.report, said))
            flight.report = None

    def tell(self) -> None:
        """Tell all that was collected, and wake who waits for it."""
        said, self._said = self._said, []
        for _, report, delivery in said:
            _call(report, delivery)
        self._buffer.settle(flight for flight, _, _ in said)


def _call(report: Report, delivery: Delivery) -> None:
    try:
        report(delivery)
    except Exception:  # the caller's own code; it must not hold up the others
        log.exception("a delivery callback raised")
