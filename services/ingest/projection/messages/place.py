"""Where a message of a thread stands, and what came before it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class Place(Struct, eq=False, gc=False):
    """One row of `message_place`; `known` once the message itself has come."""

    account_id: int
    message_key: UUID
    conv_key: int | None = None
    occurred_at: datetime | None = None
    sort_at: datetime | None = None
    loose: bool = False
    parked: bool = False
    awaited: bool = False
    evaluation_id: str | None = None
    thread_key: str | None = None
    message_id: str | None = None
    is_new: bool = True
    stored_conv_key: int | None = None
    stored_sort_at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether the message has come."""
        return self.occurred_at is not None
