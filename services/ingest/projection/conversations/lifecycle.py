"""What goes to the lifecycle topic: a conversation opened, a conversation closed. Imports do not."""

from bitacora_schemas.events.blocks import Actor, Identifier, Thread
from bitacora_schemas.events.catalog import WIRE_TYPES
from bitacora_schemas.events.compose import EventRecord, compose_event
from bitacora_schemas.events.lifecycle import ConversationClosed, ConversationOpened
from bitacora_schemas.ids import event_id_v8

from services.ingest.projection.conversations.fold import OPENED
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import Occurrence

_SYSTEM = "system"


def lifecycle_record(
    decision: str, conversation: Conversation, thread: ThreadState, seen: Occurrence
) -> EventRecord:
    """The record of one decision; the same decision always gives the same bytes. Keyed by conversation id."""
    block = Thread(
        channel=thread.channel,
        channel_address=thread.channel_address,
        contact=Identifier(kind=thread.contact_kind, value=thread.contact_value),
        channel_name=thread.channel_name,
    )
    data: ConversationOpened | ConversationClosed
    if decision == OPENED:
        data = ConversationOpened(
            thread=block, conversation_id=conversation.conversation_id, started_at=conversation.started_at
        )
    else:
        data = ConversationClosed(
            thread=block,
            conversation_id=conversation.conversation_id,
            started_at=conversation.started_at,
            ended_at=seen.at,
            reason=conversation.end_reason or _SYSTEM,
            by=Actor(
                kind=conversation.end_by_kind or _SYSTEM,
                id=conversation.end_by_id,
                name=conversation.end_by_name,
            ),
        )
    key = str(conversation.conversation_id)
    kind = WIRE_TYPES[type(data)]
    attributes = seen.attributes
    return compose_event(
        data,
        id=event_id_v8((key, kind), seen.at),
        type=kind,
        source=attributes.source,
        subject=thread.thread_key,
        key=key,
        time=seen.at,
        recordedtime=attributes.recordedtime,
        accountid=attributes.accountid,
        connectionid=attributes.connectionid,
        environment=attributes.environment,
        causationid=str(seen.event_id),
    )
