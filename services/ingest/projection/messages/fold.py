"""Which conversation a message belongs to (§3, §6): decided in log order from its own thread alone."""

from bitacora_schemas.codes import WaitingKind
from bitacora_schemas.events.message import MessageReceived, MessageSent
from bitacora_schemas.events.parts import TextPart

from services.ingest.projection.conversations.fold import just_ended, name, note_message, open_conversation
from services.ingest.projection.conversations.imports import import_message
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.evaluations.fold import answered_conversation
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.arrival import Arrival
from services.ingest.projection.messages.content import store_parts
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.placing import keep_in_log_only, place_message
from services.ingest.projection.people.fold import note_profile
from services.ingest.projection.rules import Rules
from services.ingest.projection.waiting.fold import keep_waiting
from services.ingest.projection.working_set import Occurrence, WorkingSet

HISTORY = "history"


def on_received(work: WorkingSet, seen: Occurrence, data: MessageReceived, rules: Rules) -> None:
    """A customer's message: joins what it answers or came late for, else the open conversation, else opens one."""
    arrival = _arrival(work, seen, data)
    if arrival is None or _aside(work, arrival):
        return
    late = False
    # An answer to a survey belongs to the survey's conversation even after its end, and opens nothing (§5).
    conversation = answered_conversation(work, seen, data.message, arrival.place, rules)
    if conversation is None:
        # Written before the end, recorded soon after it: it crossed the end on the way, and is no new beginning (§6).
        conversation = _missed_conversation(seen, rules)
        late = conversation is not None
    if conversation is None:
        conversation = seen.thread.open or open_conversation(work, seen, rules)
    _join(work, arrival, conversation, late=late)


def on_sent(work: WorkingSet, seen: Occurrence, data: MessageSent, rules: Rules) -> None:
    """An assistant's message or an HSM: joins what it answers, else the open conversation, else what just ended.

    An HSM, a greeting with nothing to join and an answer to something unknown wait: see `waiting`.
    """
    arrival = _arrival(work, seen, data)
    if arrival is None or _aside(work, arrival):
        return
    unsure = False
    reply = data.message.reply_to
    if reply is not None:
        target = work.place(seen.thread, reply.message_id)
        # What names a message follows it, however late (§6).
        answered = _lasting_conversation(work, target)
        if answered is not None:
            _join(work, arrival, answered)
            return
        unsure = not target.known or target.waiting
    current = seen.thread.open
    if arrival.stored.template is not None:
        # Whether it lies in a conversation or before one is judged on times, so that late news can correct it (§4). It
        # holds off the idle time-out all the same, unless it is older than the conversation (§3).
        if current is not None and seen.at > current.started_at:
            note_message(current, seen)
        keep_waiting(work, arrival, kind=WaitingKind.HSM)
        return
    current = current or just_ended(seen, rules)
    if current is None:
        keep_waiting(work, arrival, kind=WaitingKind.GREETING)
    elif unsure:
        # Its target may turn out to stand in another conversation; until then it counts here (§6).
        note_message(current, seen)
        keep_waiting(work, arrival, kind=WaitingKind.ANSWER, fallback=current)
    else:
        _join(work, arrival, current)


def _arrival(work: WorkingSet, seen: Occurrence, data: MessageReceived | MessageSent) -> Arrival | None:
    """The message as it comes in; None when its id is known on the thread: a repeat changes nothing."""
    message = data.message
    place = work.place(seen.thread, message.id)
    # The unique message id decides, not the event id: two subscriptions tell the same message differently (§1).
    if place.occurred_at is not None:
        work.count("repeated_messages")
        return None
    note_profile(work, seen, data.contact)
    return Arrival(seen, data, place, store_parts(message.parts, message.plain_text))


def _aside(work: WorkingSet, arrival: Arrival) -> bool:
    """Deals with what is no part of the live talk: history (§6), and internal notes, which open nothing (§3)."""
    message = arrival.data.message
    if message.provenance == HISTORY:
        import_message(work, arrival)
        return True
    if message.visibility != "internal":
        return False
    conversation = arrival.seen.thread.open
    if conversation is None:
        keep_in_log_only(work, arrival)
    else:
        _join(work, arrival, conversation)
    return True


def _join(work: WorkingSet, arrival: Arrival, conversation: Conversation, *, late: bool = False) -> None:
    seen, data = arrival.seen, arrival.data
    place_message(work, arrival, conversation, late=late)
    note_message(conversation, seen)
    name(work, conversation, seen, data.chatbot, data.conversation)


def _missed_conversation(seen: Occurrence, rules: Rules) -> Conversation | None:
    """The ended conversation that a customer's message came too late for, but not by much (§6)."""
    thread = seen.thread
    ended_at, recorded = thread.ended_at, thread.ended_recorded_at
    if ended_at is None or seen.at >= ended_at or recorded is None:
        return None
    if seen.attributes.recordedtime - recorded > rules.late_window:
        return None
    return thread.conversations[thread.ended_conv_key] if thread.ended_conv_key is not None else None


def _lasting_conversation(work: WorkingSet, target: Place) -> Conversation | None:
    """The conversation of a message that is there to stay; imports take no live messages."""
    if target.conv_key is None or target.waiting:
        return None
    conversation = work.conversations[target.account_id, target.conv_key]
    return None if conversation.imported else conversation


def mention_message(named: Mentions, data: MessageReceived | MessageSent) -> None:
    """A message names itself, what it answers, and the survey whose answer it is."""
    message = data.message
    named.message_ids.add(message.id)
    if message.reply_to is not None:
        named.message_ids.add(message.reply_to.message_id)
    if message.evaluation_id is not None:
        named.evaluation_ids.add(message.evaluation_id)
    if message.provenance == HISTORY:
        named.imports = True
    if type(data) is MessageSent:
        named.sends = True
        if message.reply_to is not None or type(message.parts[0]) is not TextPart:
            named.sends_waiting = True
