"""What the lifecycle topic is told: a conversation opened, a conversation closed. Imports are not told."""

import msgspec
from bitacora_schemas.events.blocks import Actor, Environment, Identifier, Thread
from bitacora_schemas.events.catalog import WIRE_TYPES
from bitacora_schemas.events.envelope import CONTENT_TYPE, Envelope
from bitacora_schemas.events.lifecycle import ConversationClosed, ConversationOpened
from bitacora_schemas.ids import event_id_v8

from services.ingest.projection.conversations.fold import OPENED
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.outcome import LifecycleRecord
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import Occurrence

_ENCODER = msgspec.json.Encoder()
_SYSTEM = "system"


def lifecycle_record(
    decision: str, conversation: Conversation, thread: ThreadState, seen: Occurrence
) -> LifecycleRecord:
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
    event_id = event_id_v8((key, kind), seen.at)
    attributes = seen.attributes
    environment: Environment = attributes.environment
    envelope = Envelope(
        specversion="1.0",
        id=event_id,
        source=attributes.source,
        type=kind,
        subject=thread.thread_key,
        partitionkey=key,
        time=seen.at,
        recordedtime=attributes.recordedtime,
        datacontenttype="application/json",
        accountid=attributes.accountid,
        connectionid=attributes.connectionid,
        environment=environment,
        causationid=str(seen.event_id),
        data=data,
    )
    headers = {
        "content-type": CONTENT_TYPE,
        "ce_type": kind,
        "ce_id": str(event_id),
        "ce_accountid": attributes.accountid,
    }
    return LifecycleRecord(key, _ENCODER.encode(envelope).decode(), headers)
