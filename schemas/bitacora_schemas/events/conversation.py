"""When a conversation starts, ends or is handed over, and what is said of it."""

from uuid import UUID

from msgspec import Struct

from bitacora_schemas.events.blocks import Actor, Chatbot, Contact, EventData
from bitacora_schemas.events.scalars import Count, Id, Name, Scalar, Word


class ConversationStarted(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A conversation begins: reason customer, restart (ends an open one as `replaced`) or source."""

    contact: Contact
    chatbot: Chatbot
    reason: Word
    initiator: Actor | None = None


class SourceReason(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The source's own word for why it ended."""

    key: Id
    name: Name | None = None


class ConversationEnded(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A conversation is over: reason customer, assistant, operator, timeout, system or replaced.

    With operator or timeout it names the conversation, and changes nothing when that one is no longer open.
    """

    reason: Word
    by: Actor
    conversation_id: UUID | None = None
    source_reason: SourceReason | None = None
    idle_seconds: Count | None = None


class ConversationTransferred(
    EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True, rename={"from_": "from"}
):
    """Another assistant, a person or a team takes over. `from` is `from_` in Python."""

    to: Actor
    from_: Actor | None = None
    reason: Name | None = None
    by: Actor | None = None
    derived: bool | None = None


class ConversationAnnotated(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A person or a classifier says something of a conversation: kind label, note, topic or score.

    A null `value` takes back what stands under this `annotation_id`.
    """

    annotation_id: Id
    kind: Word
    key: Id
    value: Scalar
    by: Actor
    message_id: Id | None = None
