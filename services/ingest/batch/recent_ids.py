"""Event ids that this worker lately committed, so that most repeats cost no failed COPY."""

from collections.abc import Iterable

from services.ingest.log.event_key import EventKey


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
