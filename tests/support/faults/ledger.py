"""What a drill has sent and what Kafka acknowledged of it: the truth that the database is held against."""

import threading
from collections import Counter
from typing import NamedTuple
from uuid import UUID


class Place(NamedTuple):
    """Where Kafka keeps a record."""

    partition: int
    offset: int


class Ledger:
    """Filled from the threads of a producer; to be read once it has stopped.

    A good event is known by its id, a bad record by the number in its header (see POISON_HEADER). An event may be sent
    more than once; the log must hold its first place. A record whose sending failed may be in Kafka or not.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.events: dict[UUID, Place] = {}
        """Acknowledged events with their first acknowledged places."""
        self.poison: dict[int, str] = {}
        """Bad records by number, with the reason they must be refused for."""
        self.poison_places: dict[Place, int] = {}
        """Acknowledged bad records."""
        self.unsettled: set[UUID] = set()
        """Events of which some sending failed."""
        self.ends: Counter[int] = Counter()
        """Partition to the offset behind the last acknowledged record."""
        self.sent = 0
        self.acknowledged = 0
        self.failures: Counter[str] = Counter()

    def poison_sent(self, number: int, reason: str) -> None:
        """A bad record is on its way."""
        with self._lock:
            self.sent += 1
            self.poison[number] = reason

    def event_sent(self) -> None:
        """A good event is on its way."""
        with self._lock:
            self.sent += 1

    def event_acknowledged(self, event_id: UUID, place: Place) -> None:
        """Kafka has it, once more maybe."""
        with self._lock:
            self.events[event_id] = min(place, self.events.get(event_id, place))
            self._reached(place)

    def poison_acknowledged(self, number: int, place: Place) -> None:
        """Kafka has it."""
        with self._lock:
            self.poison_places[place] = number
            self._reached(place)

    def failed(self, event_id: UUID | None, error: BaseException) -> None:
        """Nobody knows whether Kafka has it."""
        with self._lock:
            self.failures[type(error).__name__] += 1
            if event_id is not None:
                self.unsettled.add(event_id)

    def _reached(self, place: Place) -> None:
        self.acknowledged += 1
        self.ends[place.partition] = max(self.ends[place.partition], place.offset + 1)


POISON_HEADER = "drill"
"""Names the header that numbers a bad record."""
