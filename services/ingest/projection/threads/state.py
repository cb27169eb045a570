"""A thread as the fold holds it."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from bitacora_schemas.thread_key import thread_key_bytes
from msgspec import Struct

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.evaluations.state import EvaluationState
from services.ingest.projection.table import Table

LinkKey = tuple[int, UUID, int, str, str]
"""What linked threads have in common: account, contact, environment, channel, address."""


class ThreadRow(Struct, eq=False):
    """One contact with one chatbot address on one channel and environment; the fields are the columns."""

    account_id: int
    thread_key: str
    environment: int
    channel: str
    channel_address: str
    channel_name: str | None
    contact_kind: str
    contact_value: str
    contact_id: UUID
    connection_id: str
    open_conv_key: int | None = None
    last_conv_key: int | None = None
    ended_conv_key: int | None = None
    ended_at: datetime | None = None
    ended_recorded_at: datetime | None = None
    has_waiting: bool = False


def uuid_of(value: bytes) -> UUID:
    """A UUID of 16 bytes."""
    return UUID(bytes=value)


class ThreadState(ThreadRow, eq=False):
    """A thread with its conversations and surveys, as far as they are loaded."""

    accountid: str = ""
    conversations: dict[int, Conversation] = msgspec.field(default_factory=dict)
    surveys: list[EvaluationState] = msgspec.field(default_factory=list)
    linked: "list[ThreadState]" = msgspec.field(default_factory=list)
    """The threads of its contact on the same channel, address and environment, itself among them; one list for all."""
    key_prefix: bytes = b""
    message_keys: dict[str, UUID] = msgspec.field(default_factory=dict)
    new_uuid: Callable[[bytes], UUID] = uuid_of
    """Makes a UUID of 16 bytes. A worker sets the driver's own: ten times quicker to make and to hash than Python's."""

    def __post_init__(self) -> None:
        self.key_prefix = thread_key_bytes(self.thread_key)[:8]

    def message_key(self, message_id: str) -> UUID:
        """The key of a message on this thread, as `bitacora_schemas.ids.message_key` makes it; hashed once a batch.

        8 bytes of the thread, 8 of the message id's SHA-256.
        """
        key = self.message_keys.get(message_id)
        if key is None:
            digest = sha256(message_id.encode()).digest()
            key = self.message_keys[message_id] = self.new_uuid(self.key_prefix + digest[:8])
        return key

    @property
    def link_key(self) -> LinkKey:
        """The same for all linked threads."""
        return self.account_id, self.contact_id, self.environment, self.channel, self.channel_address

    @property
    def alone(self) -> bool:
        """Whether it is linked with no other thread."""
        return len(self.linked) == 1

    @property
    def open(self) -> Conversation | None:
        """The open conversation."""
        return None if self.open_conv_key is None else self.conversations[self.open_conv_key]

    @property
    def latest(self) -> Conversation | None:
        """The conversation opened last, ended or not; imports left out."""
        return None if self.last_conv_key is None else self.conversations[self.last_conv_key]


THREAD: Table[ThreadState] = Table.of("thread", ThreadRow)
