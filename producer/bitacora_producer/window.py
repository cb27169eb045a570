"""What is on its way to Kafka, in the order in which it went there. Pure."""

from collections import deque
from collections.abc import Iterator

from bitacora_producer.flight import Flight


class Window:
    """Flights in order. They are let go of from the oldest on, each when it is done and all before it are."""

    def __init__(self) -> None:
        self._flights: deque[Flight] = deque()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._flights)

    def add(self, flight: Flight) -> None:
        """Append the newest."""
        self._flights.append(flight)
        self.bytes += flight.size

    def undone(self) -> Iterator[Flight]:
        """Yield what Kafka has not answered for, in order."""
        return (flight for flight in self._flights if not flight.done)

    def pop_done(self) -> Iterator[Flight]:
        """Yield and let go of the done ones at the old end."""
        while self._flights and self._flights[0].done:
            flight = self._flights.popleft()
            self.bytes -= flight.size
            yield flight
