"""What is done with each event type: one entry a type, and nothing else has to know of it.

A new type gets its entry here, and a package of its own if no subject is about it yet. A type without an entry only tells,
at most, who the customer is.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.contact import ContactUpdated
from bitacora_schemas.events.conversation import (
    ConversationAnnotated,
    ConversationEnded,
    ConversationStarted,
    ConversationTransferred,
)
from bitacora_schemas.events.evaluation import EvaluationAnswered, EvaluationAsked
from bitacora_schemas.events.file import FileStored, FileUnavailable
from bitacora_schemas.events.message import (
    MessageDeleted,
    MessageEdited,
    MessageReacted,
    MessageReceived,
    MessageSent,
    MessageStatusChanged,
)

from services.ingest.projection.annotations import fold as annotations
from services.ingest.projection.conversations import fold as conversations
from services.ingest.projection.conversations import transfers
from services.ingest.projection.evaluations import fold as evaluations
from services.ingest.projection.files import fold as files
from services.ingest.projection.files.rows import FILE
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages import fold as messages
from services.ingest.projection.messages import revisions, statuses
from services.ingest.projection.messages.rows import MESSAGE_REACTION, MESSAGE_REVISION, MESSAGE_STATUS
from services.ingest.projection.people import fold as people
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet


class Handling(NamedTuple):
    """What folds an event, and what says beforehand which states that needs; its thread and contact always come."""

    fold: Callable[[WorkingSet, Occurrence, Any, Rules], None]
    mentions: Callable[[Mentions, Any], None] | None = None


EVENTS: dict[type[EventData], Handling] = {
    ConversationStarted: Handling(conversations.on_started, conversations.mention_bound),
    ConversationEnded: Handling(conversations.on_ended, conversations.mention_bound),
    ConversationTransferred: Handling(transfers.on_transferred),
    ConversationAnnotated: Handling(annotations.on_annotated, annotations.mention_annotation),
    MessageReceived: Handling(messages.on_received, messages.mention_message),
    MessageSent: Handling(messages.on_sent, messages.mention_message),
    MessageStatusChanged: Handling(statuses.on_status_changed, statuses.mention_status),
    MessageEdited: Handling(revisions.on_edited, revisions.mention_update),
    MessageDeleted: Handling(revisions.on_deleted, revisions.mention_update),
    MessageReacted: Handling(revisions.on_reacted, revisions.mention_update),
    FileStored: Handling(files.on_stored, revisions.mention_update),
    FileUnavailable: Handling(files.on_unavailable, revisions.mention_update),
    ContactUpdated: Handling(people.on_updated),
    EvaluationAsked: Handling(evaluations.on_asked, evaluations.mention_evaluation),
    EvaluationAnswered: Handling(evaluations.on_answered, evaluations.mention_evaluation),
}

CLEARED_WITH_MESSAGES = tuple(
    table.name for table in (MESSAGE_STATUS, MESSAGE_REVISION, MESSAGE_REACTION, FILE)
)
"""Tables whose rows hang on messages by (account_id, message_key): retention takes them away with the messages."""
