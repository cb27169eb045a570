"""Which conversation a message belongs to (5.3, 5.6): decided in log order from its own thread alone."""

from bitacora_schemas.events.message import MessageReceived, MessageSent

from services.ingest.projection.conversations.fold import just_ended, name, note_message, open_conversation
from services.ingest.projection.conversations.imports import import_message
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.evaluations.fold import answered_conversation
from services.ingest.projection.messages.arrival import Arrival
from services.ingest.projection.messages.content import store_parts
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.placing import keep_in_log_only, stand
from services.ingest.projection.people.fold import note_profile
from services.ingest.projection.rules import Rules
from services.ingest.projection.waiting.fold import hold
from services.ingest.projection.waiting.state import ANSWER, GREETING, HSM
from services.ingest.projection.working_set import Occurrence, World

HISTORY = "history"


def on_received(world: World, seen: Occurrence, data: MessageReceived, rules: Rules) -> None:
    """A customer's message: joins what it answers or came late for, else the open conversation, else opens one."""
    arrival = _arrival(world, seen, data)
    if arrival is None or _aside(world, arrival):
        return
    late = False
    conversation = answered_conversation(world, seen, data.message, arrival.place, rules)
    if conversation is None:
        conversation = _missed_conversation(seen, rules)
        late = conversation is not None
    if conversation is None:
        conversation = seen.thread.open or open_conversation(world, seen, rules)
    _join(world, arrival, conversation, late=late)


def on_sent(world: World, seen: Occurrence, data: MessageSent, rules: Rules) -> None:
    """An assistant's message or an HSM: joins what it answers, else the open conversation, else what just ended.

    An HSM, a greeting with nothing to join and an answer to something unknown are loose: see `preludes`.
    """
    arrival = _arrival(world, seen, data)
    if arrival is None or _aside(world, arrival):
        return
    unsure = False
    reply = data.message.reply_to
    if reply is not None:
        target = world.place(seen.thread, reply.message_id)
        answered = _firm_conversation(world, target)
        if answered is not None:
            _join(world, arrival, answered)
            return
        unsure = not target.known or target.loose
    current = seen.thread.open
    if arrival.stored.template is not None:
        if current is not None and seen.at > current.started_at:
            _note(world, current, seen)
        hold(world, arrival, kind=HSM)
        return
    current = current or just_ended(seen, rules)
    if current is None:
        hold(world, arrival, kind=GREETING)
    elif unsure:
        _note(world, current, seen)
        hold(world, arrival, kind=ANSWER, fallback=current)
    else:
        _join(world, arrival, current)


def _arrival(world: World, seen: Occurrence, data: MessageReceived | MessageSent) -> Arrival | None:
    """The message as it comes in; None when its id is known on the thread: a repeat changes nothing."""
    message = data.message
    place = world.place(seen.thread, message.id)
    if place.occurred_at is not None:
        world.count("repeated_messages")
        return None
    note_profile(world, seen, data.contact)
    return Arrival(seen, data, place, store_parts(message.parts, message.plain_text))


def _aside(world: World, arrival: Arrival) -> bool:
    """Deals with what stands beside the live talk: history, and internal notes."""
    message = arrival.data.message
    if message.provenance == HISTORY:
        import_message(world, arrival)
        return True
    if message.visibility != "internal":
        return False
    conversation = arrival.seen.thread.open
    if conversation is None:
        keep_in_log_only(world, arrival)
    else:
        _join(world, arrival, conversation)
    return True


def _join(world: World, arrival: Arrival, conversation: Conversation, *, late: bool = False) -> None:
    seen, data = arrival.seen, arrival.data
    stand(world, arrival, conversation, late=late)
    note_message(conversation, seen)
    name(world, conversation, seen, data.chatbot, data.conversation)


def _note(world: World, conversation: Conversation, seen: Occurrence) -> None:
    note_message(conversation, seen)
    world.touch(conversation)


def _missed_conversation(seen: Occurrence, rules: Rules) -> Conversation | None:
    """The ended conversation that a customer's message came too late for, but not by much (5.6)."""
    thread = seen.thread
    ended_at, recorded = thread.ended_at, thread.ended_recorded_at
    if ended_at is None or seen.at >= ended_at or recorded is None:
        return None
    if seen.attributes.recordedtime - recorded > rules.late_window:
        return None
    return thread.conversations[thread.ended_conv_key] if thread.ended_conv_key is not None else None


def _firm_conversation(world: World, target: Place) -> Conversation | None:
    """The conversation of a message that is there to stay; imports take no live messages."""
    if target.conv_key is None or target.loose:
        return None
    conversation = world.conversations[target.account_id, target.conv_key]
    return None if conversation.imported else conversation
