"""A record from its acceptance until Kafka has it."""

from time import monotonic

from bitacora_producer.record import Record, Report
from bitacora_producer.spool_format import Position


class Flight:
    """`report` is there while the caller was told nothing, `place` when the record is on disk, `done` at the end.

    One object for all stations: with ten thousand of them under way, Python's collector is what costs.
    """

    __slots__ = ("accepted_at", "done", "number", "place", "record", "report", "size")

    def __init__(self, number: int, record: Record, report: Report | None, size: int) -> None:
        self.number = number
        self.record = record
        self.report = report
        self.size = size
        self.accepted_at = monotonic()
        self.place: Position | None = None
        self.done = False
