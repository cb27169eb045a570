"""The rows of messages and of what hangs on them; fields stand in the order of the columns they are stored in."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

MESSAGE, PRELUDE, GREETING = 1, 2, 3
"""How a message stands in its conversation: as one of it, as the HSM before it, as the greeting before it."""
INCOMING, OUTGOING, INTERNAL = 1, 2, 3
EVERY_PART = -1
"""The part index of a status that names no part."""


class MessageRow(Struct, gc=False):
    """A message as it stands in a conversation now."""

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


class FileRow(Struct, frozen=True, gc=False):
    """A file of a message; `conv_key` is null until the message stands in a conversation."""

    account_id: int
    message_key: UUID
    part_index: int
    conv_key: int | None
    file_id: str | None
    kind: str | None
    mime_type: str | None
    name: str | None
    caption: str | None
    size_bytes: int | None
    sha256: str | None
    state: str
    unavailable_reason: str | None
    stored_uri: str | None
    source: str | None
    from_customer: bool
    occurred_at: datetime
    version_at: datetime
    version_event_id: UUID
    reported: bool = False
    """A file event gave the state, not the message."""


class TransferRow(Struct, frozen=True, gc=False):
    """The moment a conversation was handed over."""

    account_id: int
    conv_key: int
    event_id: UUID
    occurred_at: datetime
    position: int
    from_kind: str | None
    from_id: str | None
    from_name: str | None
    to_kind: str
    to_id: str | None
    to_name: str | None
    reason: str | None
