"""The windows of events.md §5 that an installation may set."""

from datetime import timedelta

from msgspec import Struct


class Rules(Struct, frozen=True):
    """How long things may lie apart and still belong together. Changing one calls for a rebuild."""

    prelude_window: timedelta = timedelta(hours=24)
    """An HSM or greeting waits this long for the customer (5.4)."""
    evaluation_window: timedelta = timedelta(hours=24)
    """An answer belongs to its question this long (5.5)."""
    late_window: timedelta = timedelta(minutes=5)
    """A message may come this long after an end and still join what ended (5.6)."""
    clock_tolerance: timedelta = timedelta(minutes=2)
    """A source's clock may run this far ahead of ours before its time is clamped (5.9)."""
