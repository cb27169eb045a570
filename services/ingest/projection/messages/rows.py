"""The rows of messages and of what hangs on them; the fields are the columns."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.ingest.projection.table import Table

EDITED, DELETED = "edited", "deleted"
"""Kinds of revisions."""
EVERY_PART = -1
"""The part index of a status that names no part."""


class MessageRow(Struct, gc=False):
    """A message as it stands in a conversation now; `kind` is a `Standing`, `direction` a `Direction`."""

    account_id: int
    conv_key: int
    message_key: UUID
    message_id: str
    event_id: UUID
    occurred_at: datetime
    sort_at: datetime
    sequence: str | None
    position: int
    kind: int
    direction: int
    sender_kind: str
    sender_id: str | None
    sender_name: str | None
    plain_text: str
    parts: str | None
    reply_to: str | None
    evaluation_id: str | None
    template: str | None
    status: str | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    late: bool = False
    skew_ms: int | None = None


class StatusRow(Struct, frozen=True, gc=False):
    """One delivery status of a message or of one of its parts."""

    account_id: int
    message_key: UUID
    part_index: int
    status: str
    occurred_at: datetime
    event_id: UUID
    errors: str | None


class RevisionRow(Struct, frozen=True, gc=False):
    """An edit or a deletion for everyone."""

    account_id: int
    message_key: UUID
    occurred_at: datetime
    event_id: UUID
    kind: str
    actor_kind: str
    actor_id: str | None
    actor_name: str | None
    plain_text: str | None
    parts: str | None


class ReactionRow(Struct, frozen=True, gc=False):
    """The reaction of one actor; without an emoji it was taken back."""

    account_id: int
    message_key: UUID
    actor_kind: str
    actor_id: str
    actor_name: str | None
    emoji: str | None
    occurred_at: datetime
    event_id: UUID


MESSAGE: Table[MessageRow] = Table.of("message", MessageRow)
MESSAGE_STATUS: Table[StatusRow] = Table.of("message_status", StatusRow)
MESSAGE_REVISION: Table[RevisionRow] = Table.of("message_revision", RevisionRow)
MESSAGE_REACTION: Table[ReactionRow] = Table.of("message_reaction", ReactionRow)
