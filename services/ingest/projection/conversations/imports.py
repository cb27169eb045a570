"""History (§6, last sentence): conversations of their own, ended, that touch nothing live."""

from bitacora_schemas.codes import Status

from services.ingest.projection.conversations.fold import SYSTEM, name, new_conversation
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.messages.arrival import Arrival
from services.ingest.projection.messages.placing import place_message
from services.ingest.projection.working_set import Occurrence, WorkingSet

IMPORTED = "imported"


def import_message(work: WorkingSet, arrival: Arrival) -> None:
    """Puts a message of a source's history into the conversation of its source id, else of its UTC day."""
    seen, data = arrival.seen, arrival.data
    source_id = None if data.conversation is None else data.conversation.source_id
    conversation = _imported(seen, source_id) or _import(work, seen, source_id)
    # History comes in any order: the end is the last message's time, whichever comes last (§6).
    if conversation.ended_at is None or seen.at > conversation.ended_at:
        conversation.ended_at = seen.at
    place_message(work, arrival, conversation)
    name(work, conversation, seen, data.chatbot, None)


def _imported(seen: Occurrence, source_id: str | None) -> Conversation | None:
    day = seen.at.date()
    for conversation in seen.thread.conversations.values():
        if not conversation.imported or conversation.source_id != source_id:
            continue
        if source_id is not None or conversation.started_at.date() == day:
            return conversation
    return None


def _import(work: WorkingSet, seen: Occurrence, source_id: str | None) -> Conversation:
    conversation = new_conversation(work, seen, status=Status.ENDED)
    conversation.imported = True
    conversation.source_id = source_id
    conversation.ended_at = seen.at
    conversation.end_reason = IMPORTED
    conversation.end_by_kind = SYSTEM.kind
    work.count("conversations_imported")
    return conversation
