"""Messages whose conversation can still change: HSMs, greetings that waited, answers to what is not known yet."""

from datetime import datetime
from uuid import UUID

from bitacora_schemas.events.blocks import Chatbot
from msgspec import Struct

ANSWER, HSM, GREETING = 1, 2, 3


class LooseMessage(Struct, eq=False):
    """A loose message as it came, and where it stands now; `stands_as` is the kind of its row there."""

    account_id: int
    thread_key: str
    message_key: UUID
    occurred_at: datetime
    kind: int
    content: "LooseContent"
    conv_key: int | None = None
    stands_as: int = 0
    is_new: bool = True
    dirty: bool = True


class LooseContent(Struct, frozen=True, omit_defaults=True):
    """What `prelude.message` keeps, as JSON."""

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
