"""Event ids that this worker lately committed, so that most repeats cost no failed COPY."""

from collections.abc import Iterable
from uuid import UUID

_ID_BITS = (1 << 128) - 1

EventKey = int
"""The account above the 128 bits of the event id: one number, since sets of tuples of UUIDs cost ten times as much."""


def event_key(account_id: int, event_id: UUID) -> EventKey:
    """What makes an event the same fact as another."""
    return account_id << 128 | event_id.int


def account_and_id(key: EventKey) -> tuple[int, UUID]:
    """What a key was made of."""
    return key >> 128, UUID(int=key & _ID_BITS)


class RecentIds:
    """Remembers between `capacity` and twice as many ids.

    Only ids that were written may enter: an id in flight may be rolled back, and one that was refused may be redriven,
    and then either would look like a repeat.
    """

    def __init__(self, capacity: int = 20_000) -> None:
        self._capacity = capacity
        self._young: set[EventKey] = set()
        self._old: set[EventKey] = set()

    def __contains__(self, key: EventKey) -> bool:
        return key in self._young or key in self._old

    def add(self, keys: Iterable[EventKey]) -> None:
        """These were committed."""
        self._young.update(keys)
        if len(self._young) >= self._capacity:
            self._old, self._young = self._young, set()

    def clear(self) -> None:
        """Forgets everything: the database went back to an older state, so what we committed may be gone."""
        self._young.clear()
        self._old.clear()
