"""Messages whose conversation can still change: HSMs, greetings that waited, answers to what is not known yet (§4, §6)."""

from datetime import datetime
from uuid import UUID

from bitacora_schemas.events.blocks import Chatbot
from msgspec import Struct

from services.ingest.projection.json_text import to_json
from services.ingest.projection.table import Table


class WaitingMessage(Struct):
    """A message as it came, and where it stands now; `stands_as` is the kind of its row there, 0 without one."""

    account_id: int
    thread_key: str
    message_key: UUID
    occurred_at: datetime
    kind: int
    """A `WaitingKind`: why it waits."""
    content: "WaitingContent"
    conv_key: int | None = None
    stands_as: int = 0

    @property
    def message_json(self) -> str:
        """The message as its column keeps it."""
        return to_json(self.content)


class WaitingContent(Struct, frozen=True, omit_defaults=True):
    """What `waiting_message.message` keeps, as JSON."""

    message_id: str
    event_id: UUID
    position: int
    sender_kind: str
    plain_text: str
    sequence: str | None = None
    sender_id: str | None = None
    sender_name: str | None = None
    parts: str | None = None
    reply_to: str | None = None
    reply_target: str | None = None
    evaluation_id: str | None = None
    template: str | None = None
    skew_ms: int | None = None
    chatbot: Chatbot | None = None
    fallback: int | None = None
    """Key of the conversation that an answer joined while its target was unknown."""


WAITING_MESSAGE: Table[WaitingMessage] = Table(
    "waiting_message",
    {name: name for name in WaitingMessage.__struct_fields__ if name != "content"}
    | {"message": "message_json"},
)
