"""What a batch holds of one table. What changed is found by comparing with what was loaded: no fold has to say so.

Why, and what it costs: docs/decisions/0019-what-changed-is-found.md.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

K = TypeVar("K")
S = TypeVar("S")


class States(dict[K, S]):
    """States by key. `picture` gives what is compared: a copy of the state, or the tuple of its stored values."""

    __slots__ = ("_picture", "loaded")

    def __init__(self, picture: Callable[[S], Any]) -> None:
        super().__init__()
        self._picture = picture
        self.loaded: dict[K, Any] = {}
        """The pictures of what the database had, by key."""

    def load(self, key: K, state: S) -> None:
        """Takes a state in as the database has it."""
        self[key] = state
        self.loaded[key] = self._picture(state)

    def forget(self) -> None:
        """Holds nothing any more."""
        self.clear()
        self.loaded.clear()

    def is_new(self, key: K) -> bool:
        """Whether the database knows nothing of this key, as far as was looked."""
        return key not in self.loaded

    def new(self) -> list[S]:
        """What the database does not have, in the order in which it was made."""
        loaded = self.loaded
        return [state for key, state in self.items() if key not in loaded]

    def changed(self) -> list[S]:
        """What the database has otherwise, in the order in which it was loaded."""
        picture = self._picture
        return [
            self[key] for key, known in self.loaded.items() if key in self and picture(self[key]) != known
        ]

    def written(self) -> list[S]:
        """What is new, and what has changed."""
        return self.new() + self.changed()


class RowsByMessage(dict[UUID, dict[K, S]]):
    """Frozen rows under the keys of messages: by message, then by what tells them apart there."""

    __slots__ = ("loaded",)

    def __init__(self) -> None:
        super().__init__()
        self.loaded: dict[UUID, dict[K, S]] = {}
        """What the database had."""

    def load(self, message_key: UUID, key: K, row: S) -> None:
        """Takes a row in as the database has it."""
        self.of(message_key)[key] = row
        self.loaded.setdefault(message_key, {})[key] = row

    def of(self, message_key: UUID) -> dict[K, S]:
        """The rows of a message, to be added to."""
        rows = self.get(message_key)
        if rows is None:
            rows = self[message_key] = {}
        return rows

    def written(self) -> Iterator[tuple[S, S | None]]:
        """What is new or changed, each with the row that the database has."""
        nothing: dict[K, S] = {}
        for message_key, rows in self.items():
            known = self.loaded.get(message_key, nothing)
            for key, row in rows.items():
                before = known.get(key)
                if row is not before and row != before:
                    yield row, before

    def removed(self) -> Iterator[S]:
        """What the database has and this has no more."""
        for message_key, known in self.loaded.items():
            rows = self[message_key]
            for key, row in known.items():
                if key not in rows:
                    yield row
