"""A transport that keeps records, for tests of what the producer sends."""

from typing import Any

import msgspec
from bitacora_producer import Delivery, Record
from bitacora_producer.transport import Report


class MemoryTransport:
    """Takes every record at once, or fails each with `error`, or holds the reports back until `release`."""

    def __init__(self, error: BaseException | None = None, *, hold: bool = False) -> None:
        self.records: list[Record] = []
        self.closed = False
        self._error = error
        self._hold = hold
        self._held: list[tuple[Record, Report]] = []

    def send(self, record: Record, report: Report) -> None:
        self.records.append(record)
        self._held.append((record, report))
        if not self._hold:
            self.release()

    def release(self) -> None:
        """Report on everything that is waiting."""
        held, self._held = self._held, []
        for record, report in held:
            offset = None if self._error else len(self.records)
            report(Delivery(record.event_id, record.topic, 0, offset, self._error))

    def flush(self, timeout: float) -> None:
        pass

    def close(self, timeout: float) -> None:
        self.closed = True

    @property
    def events(self) -> list[dict[str, Any]]:
        """The records' values as plain JSON."""
        return [msgspec.json.decode(record.value or b"null") for record in self.records]
