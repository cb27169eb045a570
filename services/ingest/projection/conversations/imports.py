"""History (5.6, last sentence): conversations of their own, ended, that touch nothing live."""

from services.ingest.projection.conversations.fold import SYSTEM, name, new_conversation
from services.ingest.projection.conversations.state import ENDED, Conversation
from services.ingest.projection.messages.arrival import Arrival
from services.ingest.projection.messages.placing import stand
from services.ingest.projection.working_set import Occurrence, World

IMPORTED = "imported"


def import_message(world: World, arrival: Arrival) -> None:
    """Puts a message of a source's history into the conversation of its source id, else of its UTC day."""
    seen, data = arrival.seen, arrival.data
    source_id = None if data.conversation is None else data.conversation.source_id
    conversation = _imported(seen, source_id) or _import(world, seen, source_id)
    if conversation.ended_at is None or seen.at > conversation.ended_at:
        conversation.ended_at = seen.at
    stand(world, arrival, conversation)
    name(world, conversation, seen, data.chatbot, None)


def _imported(seen: Occurrence, source_id: str | None) -> Conversation | None:
    day = seen.at.date()
    for conversation in seen.thread.conversations.values():
        if not conversation.imported or conversation.source_id != source_id:
            continue
        if source_id is not None or conversation.started_at.date() == day:
            return conversation
    return None


def _import(world: World, seen: Occurrence, source_id: str | None) -> Conversation:
    conversation = new_conversation(world, seen, status=ENDED)
    conversation.imported = True
    conversation.source_id = source_id
    conversation.ended_at = seen.at
    conversation.end_reason = IMPORTED
    conversation.end_by_kind = SYSTEM.kind
    world.count("conversations_imported")
    return conversation
