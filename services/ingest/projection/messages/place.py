"""Where a message of a thread stands, and what came before it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.ingest.projection.table import Table


class Place(Struct, gc=False):
    """What is known of one message id on its thread; the fields are the columns."""

    account_id: int
    message_key: UUID
    conv_key: int | None = None
    occurred_at: datetime | None = None
    """None: the message has not come."""
    sort_at: datetime | None = None
    waiting: bool = False
    """Its conversation can still change."""
    parked: bool = False
    """Statuses, revisions, reactions or files came before it."""
    awaited: bool = False
    """Replies came before it."""
    evaluation_id: str | None = None
    """A survey's answer named it before it came."""
    thread_key: str | None = None
    message_id: str | None = None

    @property
    def known(self) -> bool:
        """Whether the message has come."""
        return self.occurred_at is not None

    def expect(self, thread_key: str, message_id: str) -> None:
        """Notes that something named the message before it came: threads that are linked later look for it."""
        self.thread_key = thread_key
        self.message_id = message_id


MESSAGE_PLACE: Table[Place] = Table.of("message_place", Place)
COMMON = ("account_id", "message_key", "conv_key", "occurred_at", "sort_at", "waiting")
"""The columns of a place that nothing named before its message came: most of them."""
