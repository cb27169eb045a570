"""The fold: events of a batch, in log order per thread, into the working set. Pure: no I/O, no clock."""

from collections.abc import Callable, Iterable
from typing import Any

from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.contact import ContactIdentityLinked, ContactUpdated
from bitacora_schemas.events.conversation import (
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

from services.ingest.logged_event import LoggedEvent
from services.ingest.projection.clocks import clamp
from services.ingest.projection.conversations import fold as conversations
from services.ingest.projection.conversations import transfers
from services.ingest.projection.evaluations import fold as evaluations
from services.ingest.projection.files import fold as files
from services.ingest.projection.messages import fold as messages
from services.ingest.projection.messages import revisions, statuses
from services.ingest.projection.messages.spreading import share_all
from services.ingest.projection.people import fold as contacts
from services.ingest.projection.rules import Rules
from services.ingest.projection.waiting.fold import settle
from services.ingest.projection.working_set import Occurrence, World

Handler = Callable[[World, Occurrence, Any, Rules], None]


def reduce(world: World, events: Iterable[LoggedEvent], rules: Rules) -> None:
    """Folds events into a world that holds everything they need, then settles the loose messages."""
    threads = world.threads
    for logged in events:
        event = logged.event
        data = event.data
        attributes = event.attributes
        handler = HANDLERS.get(type(data), _profile_only)
        at, skew_ms = clamp(attributes, data.skew_ms, rules.clock_tolerance)
        thread = threads[attributes.subject]
        channel_name = data.thread.channel_name
        if channel_name is not None and channel_name != thread.channel_name:
            thread.channel_name = channel_name
            thread.dirty = True
        seen = Occurrence(thread, attributes, attributes.id, at, skew_ms, logged.position, logged.appended_at)
        handler(world, seen, data, rules)
    for circle in world.merged:
        share_all(world, circle)
        world.unsettle(circle[0])
    settle(world, rules)


def _profile_only(world: World, seen: Occurrence, data: EventData, rules: Rules) -> None:
    """Events that say nothing but, perhaps, who the customer is."""
    contacts.note_profile(world, seen, data.contact)


HANDLERS: dict[type[EventData], Handler] = {
    ConversationStarted: conversations.on_started,
    ConversationEnded: conversations.on_ended,
    ConversationTransferred: transfers.on_transferred,
    MessageReceived: messages.on_received,
    MessageSent: messages.on_sent,
    MessageStatusChanged: statuses.on_status_changed,
    MessageEdited: revisions.on_edited,
    MessageDeleted: revisions.on_deleted,
    MessageReacted: revisions.on_reacted,
    FileStored: files.on_stored,
    FileUnavailable: files.on_unavailable,
    ContactUpdated: contacts.on_updated,
    ContactIdentityLinked: _profile_only,
    EvaluationAsked: evaluations.on_asked,
    EvaluationAnswered: evaluations.on_answered,
}
"""What folds each type; other types only tell, at most, who the customer is."""
