"""Opening and ending (§3): log order decides, per thread."""

from bitacora_schemas.codes import Status
from bitacora_schemas.events.blocks import Actor, Chatbot, ConversationHint
from bitacora_schemas.events.conversation import (
    ConversationEnded,
    ConversationStarted,
)
from bitacora_schemas.ids import conv_key, conversation_id

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.conversations.totals import name_chatbot
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.people.fold import note_profile
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet

OPENED, CLOSED = "opened", "closed"
SYSTEM = Actor(kind="system")


def open_conversation(work: WorkingSet, seen: Occurrence, rules: Rules) -> Conversation:
    """Opens a conversation on a thread that has none open; its id follows from the opening event."""
    thread = seen.thread
    conversation = new_conversation(work, seen, status=Status.OPEN)
    if rules.connections:
        window = rules.window_at(thread.account_id, seen.attributes.connectionid, seen.appended_at)
        conversation.prelude_window_seconds = None if window is None else int(window.total_seconds())
    thread.open_conv_key = thread.last_conv_key = conversation.conv_key
    thread.connection_id = seen.attributes.connectionid
    note_message(conversation, seen)
    work.decisions.append((OPENED, conversation, thread, seen))
    work.count("conversations_opened")
    return conversation


def new_conversation(work: WorkingSet, seen: Occurrence, *, status: int) -> Conversation:
    """A conversation that this event opens, open or (an import) ended, taken into the working set."""
    thread = seen.thread
    identity = conversation_id(thread.thread_key, seen.event_id)
    key = conv_key(seen.at, identity)
    # Two that start in the same millisecond with the same bits: the later one moves up, here and in `sort_keys`.
    while (thread.account_id, key) in work.conversations:
        key += 1
    conversation = Conversation(
        account_id=thread.account_id,
        conv_key=key,
        conversation_id=identity,
        thread_key=thread.thread_key,
        contact_id=thread.contact_id,
        environment=thread.environment,
        status=status,
        channel=thread.channel,
        channel_address=thread.channel_address,
        started_at=seen.at,
        opened_event_id=seen.event_id,
        opened_position=seen.position,
        previous_ended_at=thread.ended_at,
    )
    work.conversations[conversation.key] = conversation
    thread.conversations[key] = conversation
    return conversation


def end_conversation(
    work: WorkingSet, seen: Occurrence, conversation: Conversation, *, reason: str, by: Actor
) -> None:
    """Ends the open conversation of a thread at the time of this event, for good."""
    thread = seen.thread
    conversation.status = Status.ENDED
    conversation.ended_at = seen.at
    conversation.ended_recorded_at = seen.attributes.recordedtime
    conversation.end_reason = reason
    conversation.end_by_kind, conversation.end_by_id, conversation.end_by_name = by.kind, by.id, by.name
    thread.open_conv_key = None
    thread.ended_conv_key = conversation.conv_key
    thread.ended_at, thread.ended_recorded_at = seen.at, seen.attributes.recordedtime
    work.decisions.append((CLOSED, conversation, thread, seen))
    work.count("conversations_ended")


def note_message(conversation: Conversation, seen: Occurrence) -> None:
    """Remembers the last message event in log order: what an idle time-out must name."""
    conversation.last_message_event_id = seen.event_id
    conversation.last_message_appended_at = seen.appended_at


def name(
    work: WorkingSet,
    conversation: Conversation,
    seen: Occurrence,
    chatbot: Chatbot | None,
    hint: ConversationHint | None,
) -> None:
    """Takes over what an event of the conversation says of it: its chatbot, the source's own id."""
    if chatbot is not None:
        name_chatbot(conversation.totals, chatbot, seen.at, seen.event_id)
    if hint is not None and hint.source_id is not None and conversation.source_id is None:
        conversation.source_id = hint.source_id


def on_started(work: WorkingSet, seen: Occurrence, data: ConversationStarted, rules: Rules) -> None:
    """Opens a conversation; while one is open only a restart does, which ends that one as `replaced`."""
    note_profile(work, seen, data.contact)
    conversation = seen.thread.open
    # A runtime may announce what the customer's message opened already; only a restart means to begin anew (§3).
    if conversation is not None and data.reason == "restart":
        end_conversation(work, seen, conversation, reason="replaced", by=data.initiator or SYSTEM)
        conversation = None
    if conversation is None:
        conversation = open_conversation(work, seen, rules)
    name(work, conversation, seen, data.chatbot, data.conversation)


def on_ended(work: WorkingSet, seen: Occurrence, data: ConversationEnded, rules: Rules) -> None:
    """Ends the open conversation; one named but no longer open, or a time-out that was overtaken, changes nothing."""
    conversation = seen.thread.open
    if conversation is None or not _still_applies(conversation, seen, data):
        work.count("ends_without_effect")
        return
    end_conversation(work, seen, conversation, reason=data.reason, by=data.by)
    name(work, conversation, seen, data.chatbot, data.conversation)


def just_ended(seen: Occurrence, rules: Rules) -> Conversation | None:
    """The thread's latest conversation if it ended at most five minutes before this event (§6)."""
    latest = seen.thread.latest
    if latest is None or latest.ended_at is None or seen.at - latest.ended_at > rules.late_window:
        return None
    return latest


def _still_applies(conversation: Conversation, seen: Occurrence, data: ConversationEnded) -> bool:
    # Whoever ended what he saw must not end what was opened meanwhile (§3).
    if data.conversation_id is not None and data.conversation_id != conversation.conversation_id:
        return False
    # The sweeper names the last message it saw: if another came since, the conversation is not idle (§3).
    if data.reason == "timeout":
        return seen.attributes.causationid == str(conversation.last_message_event_id)
    return True


def mention_bound(named: Mentions, data: ConversationStarted | ConversationEnded) -> None:
    """Where a conversation begins or ends, messages that wait may find their place."""
    named.bounds = True
