"""What ingest decided about a conversation, told so that runtimes can drop their context."""

from uuid import UUID

from bitacora_schemas.events.blocks import Actor, EventData
from bitacora_schemas.events.scalars import Time, Word


class ConversationOpened(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A conversation is open; `causationid` of the envelope is the event that opened it."""

    conversation_id: UUID
    started_at: Time


class ConversationClosed(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A conversation is over for good; `reason` is that of `conversation.ended`, or imported."""

    conversation_id: UUID
    started_at: Time
    ended_at: Time
    reason: Word
    by: Actor
