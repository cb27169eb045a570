"""Which time an event gets (§9)."""

from datetime import datetime, timedelta

from bitacora_schemas.events.envelope import Attributes

_MILLISECOND = timedelta(milliseconds=1)


def clamp(
    attributes: Attributes, told_skew_ms: int | None, tolerance: timedelta
) -> tuple[datetime, int | None]:
    """The time of an event and its skew: a clock too far ahead of ours is set to the time we recorded."""
    # Behind is plausible, a message may lie in an outbox for days; ahead of our own clock nothing can happen.
    ahead = attributes.time - attributes.recordedtime
    if ahead > tolerance:
        return attributes.recordedtime, ahead // _MILLISECOND
    return attributes.time, told_skew_ms
