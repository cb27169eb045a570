"""Annotations (§13): what a person or a classifier says of a conversation. They change nothing else of it."""

from bitacora_schemas.events.conversation import ConversationAnnotated

from services.ingest.projection.annotations.state import AnnotationRow, AnnotationState
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.json_text import to_json
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.people.fold import note_profile
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet


def on_annotated(work: WorkingSet, seen: Occurrence, data: ConversationAnnotated, rules: Rules) -> None:
    """Notes what an item says now; the database joins it with what it has: the latest wins, the first place stays."""
    note_profile(work, seen, data.contact)
    thread = seen.thread
    row = AnnotationRow(
        account_id=thread.account_id,
        thread_key=thread.thread_key,
        annotation_id=data.annotation_id,
        kind=data.kind,
        key=data.key,
        value=None if data.value is None else to_json(data.value),
        message_id=data.message_id,
        by_kind=data.by.kind,
        by_id=data.by.id,
        by_name=data.by.name,
        occurred_at=seen.at,
        event_id=seen.event_id,
    )
    conversation = _conversation_of(work, seen, data.message_id)
    if conversation is None:
        work.count(
            "kept_in_log_only"
        )  # remembered all the same: it must not lose against an older one that comes later
    item = work.annotations.get((thread.thread_key, data.annotation_id))
    if item is None:
        work.annotations[thread.thread_key, data.annotation_id] = AnnotationState(row, conversation)
        return
    if (row.occurred_at, row.event_id) > (item.row.occurred_at, item.row.event_id):
        item.row = row
    item.conversation = item.conversation or conversation


def _conversation_of(work: WorkingSet, seen: Occurrence, message_id: str | None) -> Conversation | None:
    """That of the message, once it stands there for good; else the open one, else the thread's latest."""
    thread = seen.thread
    if message_id is not None:
        place = work.places.get(thread.message_key(message_id))
        # Where a waiting message stands depends on what else is known (§4): it would decide otherwise another time.
        if place is not None and place.conv_key is not None and not place.waiting:
            return work.conversations[place.account_id, place.conv_key]
    return thread.open or thread.latest


def mention_annotation(named: Mentions, data: ConversationAnnotated) -> None:
    """The message it hangs on."""
    if data.message_id is not None:
        named.message_ids.add(data.message_id)
