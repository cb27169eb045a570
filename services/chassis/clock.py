"""The present moment, passed to whatever needs it so that tests can pass another."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""What a component asks for when it must know the time more than once: `clock: Clock = utc_now`."""


def utc_now() -> datetime:
    """The present moment: aware, in UTC, to the microsecond."""
    return datetime.now(UTC)
