"""What makes an event the same fact as another, as one number."""

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
