"""A reply that came before what it answers (§2): its order, or its place, follows when the target comes."""

from uuid import UUID

from msgspec import Struct

from services.ingest.projection.table import Table


class AwaitingReply(Struct, gc=False):
    """One row of `reply_pending`, with the thread and the message id that it awaits."""

    account_id: int
    target_key: UUID
    message_key: UUID
    thread_key: str
    message_id: str


REPLY_PENDING: Table[AwaitingReply] = Table(
    "reply_pending", {name: name for name in ("account_id", "target_key", "message_key")}
)
