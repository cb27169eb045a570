"""How long somebody must wait after failed sign-ins: longer each time, by person and address, never for good."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

FREE_FAILURES = 3
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(minutes=30)
PER_ADDRESS = 10
ADDRESS_WINDOW = timedelta(minutes=1)
_MOST_REMEMBERED = 10_000


class Attempts:
    """Remembers failures in this process; the oldest are forgotten first when there are too many."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()
        self._addresses: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, email: str, address: str, now: datetime) -> timedelta:
        """How long this person must wait at this address before the next attempt; zero: go on."""
        count, last = self._failures.get((email, address), (0, now))
        if now - last > FORGOTTEN_AFTER:
            count = 0
        personal = timedelta()
        if count >= FREE_FAILURES:
            personal = min(FIRST_WAIT * 2 ** min(count - FREE_FAILURES, 20), LONGEST_WAIT) - (now - last)
        recent = self._recent(address, now)
        general = recent[0] + ADDRESS_WINDOW - now if len(recent) >= PER_ADDRESS else timedelta()
        return max(personal, general, timedelta())

    def failed(self, email: str, address: str, now: datetime) -> None:
        """Notes a failure."""
        count, last = self._failures.pop((email, address), (0, now))
        self._failures[email, address] = (1 if now - last > FORGOTTEN_AFTER else count + 1, now)
        recent = self._recent(address, now)
        recent.append(now)
        self._addresses[address] = recent
        for memory in (self._failures, self._addresses):
            while len(memory) > _MOST_REMEMBERED:
                memory.popitem(last=False)

    def succeeded(self, email: str, address: str) -> None:
        """Forgets the person's failures at this address."""
        self._failures.pop((email, address), None)

    def _recent(self, address: str, now: datetime) -> deque[datetime]:
        recent = self._addresses.get(address, deque())
        while recent and now - recent[0] > ADDRESS_WINDOW:
            recent.popleft()
        return recent
