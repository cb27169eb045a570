"""A thread as the reducer holds it."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from asyncpg.pgproto import pgproto
from bitacora_schemas.thread_key import thread_key_bytes
from msgspec import Struct

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.evaluations.state import EvaluationState


class ThreadState(Struct, eq=False):
    """One contact with one chatbot address on one channel and environment, its conversations and surveys among what is loaded."""

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
    has_loose: bool = False
    accountid: str = ""
    conversations: dict[int, Conversation] = msgspec.field(default_factory=dict)
    surveys: list[EvaluationState] = msgspec.field(default_factory=list)
    is_new: bool = True
    dirty: bool = True
    key_prefix: bytes = b""
    message_keys: dict[str, UUID] = msgspec.field(default_factory=dict)
    kin: "list[ThreadState]" = msgspec.field(default_factory=list)
    """The threads linked with it, itself among them; one list for all of them."""

    def __post_init__(self) -> None:
        self.key_prefix = thread_key_bytes(self.thread_key)[:8]

    def message_key(self, message_id: str) -> UUID:
        """The key of a message on this thread, as `bitacora_schemas.ids.message_key` makes it.

        Made once a batch: 8 bytes of the thread, 8 of the message id's SHA-256. The driver's UUID is ten times quicker to
        make and to hash than Python's.
        """
        key = self.message_keys.get(message_id)
        if key is None:
            digest = sha256(message_id.encode()).digest()
            key = self.message_keys[message_id] = pgproto.UUID(self.key_prefix + digest[:8])
        return key

    @property
    def circle(self) -> tuple[int, UUID, int, str, str]:
        """What linked threads have in common: contact, environment, channel and address."""
        return self.account_id, self.contact_id, self.environment, self.channel, self.channel_address

    @property
    def open(self) -> Conversation | None:
        """The open conversation."""
        return None if self.open_conv_key is None else self.conversations[self.open_conv_key]

    @property
    def latest(self) -> Conversation | None:
        """The conversation opened last, ended or not; imports left out."""
        return None if self.last_conv_key is None else self.conversations[self.last_conv_key]
