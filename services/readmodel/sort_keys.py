"""Times as bounds of `conv_key`, the sort key: milliseconds since 2017 in its upper bits."""

from datetime import UTC, datetime, timedelta

from bitacora_schemas.ids import CONV_KEY_EPOCH_MS, epoch_ms

_KEY_EPOCH = datetime.fromtimestamp(CONV_KEY_EPOCH_MS / 1000, UTC)
_MILLISECOND = timedelta(milliseconds=1)


def first_key_at(moment: datetime) -> int:
    """The smallest `conv_key` of conversations that start in the millisecond of `moment` or later."""
    return max(epoch_ms(moment) - CONV_KEY_EPOCH_MS, 0) << 20


def key_after(moment: datetime) -> int:
    """A key above every conversation that starts before `moment`, and no further than the end of its millisecond."""
    if is_on_key(moment):
        return first_key_at(moment)
    return max(
        first_key_at(moment + _MILLISECOND), 1 << 20
    )  # all starts before 2017 share the first millisecond


def is_on_key(moment: datetime) -> bool:
    """Whether a bound at this moment is one of keys alone: a whole millisecond after 2017."""
    return moment.microsecond % 1000 == 0 and moment > _KEY_EPOCH
