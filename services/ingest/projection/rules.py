"""The windows of docs/semantics.md that an installation may set."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct


class WindowSince(NamedTuple):
    """A connection's prelude window, for openings appended from `since` on; None is the installation's."""

    since: datetime
    window: timedelta | None


Windows = Mapping[tuple[int, str], Sequence[WindowSince]]
"""By account and connection, oldest first."""


class Rules(Struct, frozen=True):
    """How long things may lie apart and still belong together. Changing one calls for a rebuild."""

    prelude_window: timedelta = timedelta(hours=24)
    """An HSM or greeting waits this long for the customer (§4)."""
    evaluation_window: timedelta = timedelta(hours=24)
    """An answer belongs to its question this long (§5)."""
    late_window: timedelta = timedelta(minutes=5)
    """A message may come this long after an end and still join what ended (§6)."""
    clock_tolerance: timedelta = timedelta(minutes=2)
    """A source's clock may run this far ahead of ours before its time is clamped (§9)."""
    connections: Windows = MappingProxyType({})
    """Prelude windows of connections that set their own, each with its time."""

    def window_at(self, account_id: int, connection_id: str, appended_at: datetime) -> timedelta | None:
        """What a connection had set for conversations whose opening was appended then; None: `prelude_window`."""
        in_force = [
            each.window
            for each in self.connections.get((account_id, connection_id), ())
            if each.since <= appended_at
        ]
        return in_force[-1] if in_force else None

    @property
    def longest_window(self) -> timedelta:
        """No prelude waits longer than this, whatever its connection."""
        own = (each.window for windows in self.connections.values() for each in windows)
        return max((self.prelude_window, *(window for window in own if window is not None)))
