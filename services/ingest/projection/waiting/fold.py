"""HSMs and greetings before a conversation, and answers to what is not known yet (5.4, 5.6).

Such messages are loose: their conversation is a pure function of times and of what is linked, worked out anew
whenever something near them changes, so it does not matter in which order things arrive.
"""

from datetime import datetime
from uuid import UUID

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.messages.arrival import Arrival
from services.ingest.projection.messages.content import reply_json
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.placing import arrive, keep_files
from services.ingest.projection.messages.replies import (
    await_target,
    first_opener,
    order_openers,
    order_replies,
)
from services.ingest.projection.messages.rows import GREETING as AS_GREETING
from services.ingest.projection.messages.rows import MESSAGE as AS_MESSAGE
from services.ingest.projection.messages.rows import PRELUDE as AS_PRELUDE
from services.ingest.projection.rules import Rules
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.moving import move
from services.ingest.projection.waiting.state import GREETING, HSM, LooseContent, LooseMessage
from services.ingest.projection.working_set import World

Spot = tuple[Conversation, int]
"""A conversation, and as what a message stands in it."""


def hold(world: World, arrival: Arrival, *, kind: int, fallback: Conversation | None = None) -> None:
    """Keeps a message as a loose one; `settle` finds its conversation."""
    seen, data, place, stored = arrival.seen, arrival.data, arrival.place, arrival.stored
    message, sender, thread = data.message, data.message.sender, seen.thread
    reply = message.reply_to
    if reply is not None:
        target = world.place(thread, reply.message_id)
        if not target.known:
            await_target(world, thread, reply.message_id, target, place.message_key)
    content = LooseContent(
        message_id=message.id,
        event_id=seen.event_id,
        position=seen.position,
        sender_kind=sender.kind,
        plain_text=message.plain_text,
        sequence=seen.attributes.sequence,
        sender_id=sender.id,
        sender_name=sender.name,
        parts=stored.parts,
        reply_to=None if reply is None else reply_json(message),
        reply_target=None if reply is None else reply.message_id,
        evaluation_id=message.evaluation_id,
        template=stored.template,
        skew_ms=seen.skew_ms,
        chatbot=data.chatbot,
        fallback=None if fallback is None else fallback.conv_key,
    )
    place.occurred_at, place.loose = seen.at, True
    world.changed_places.add(place.message_key)
    world.loose[place.message_key] = LooseMessage(
        thread.account_id, thread.thread_key, place.message_key, seen.at, kind, content
    )
    if not thread.has_loose:
        thread.has_loose = thread.dirty = True
    if stored.files:
        keep_files(world, arrival, from_customer=False)
    arrive(world, seen, message.id, place)
    world.unsettle(thread)


def settle(world: World, rules: Rules) -> None:
    """Finds the place of every loaded loose message near which something changed. Running it again changes nothing."""
    loose_of: dict[str, list[LooseMessage]] = {}
    for message in world.loose.values() if world.unsettled else ():
        loose_of.setdefault(message.thread_key, []).append(message)
    for circle in sorted(world.unsettled, key=str):
        threads = sorted(world.circles.get(circle, ()), key=lambda each: each.thread_key)
        order_replies(world, threads)
        for thread in threads:
            for conversation in thread.conversations.values():
                order_openers(world, thread, conversation)
        loose = {each.message_key: each for thread in threads for each in loose_of.get(thread.thread_key, ())}
        if loose:
            _Judge(world, threads, loose, rules).settle()
    world.unsettled.clear()


class _Judge:
    """Judges the loose messages of one circle of linked threads."""

    def __init__(
        self, world: World, threads: list[ThreadState], loose: dict[UUID, LooseMessage], rules: Rules
    ) -> None:
        self.world = world
        self.loose = loose
        self.window = rules.prelude_window
        self.threads = {thread.thread_key: thread for thread in threads}
        self.live = sorted(
            (each for thread in threads for each in thread.conversations.values() if not each.imported),
            key=lambda each: each.age,
        )
        self.spots: dict[UUID, Spot | None] = {}
        self.replied = {each.key: self._first_reply(each) for each in self.live}

    def settle(self) -> None:
        for key in sorted(self.loose):
            self._spot(key)
        for key, spot in self.spots.items():
            message = self.loose[key]
            move(self.world, self.threads[message.thread_key], message, spot)

    def _spot(self, key: UUID) -> Spot | None:
        """Where a loose message stands; chains of answers are followed, a ring of them leads nowhere."""
        if key in self.spots:
            return self.spots[key]
        self.spots[key] = None
        self.spots[key] = spot = self._find(self.loose[key])
        return spot

    def _find(self, message: LooseMessage) -> Spot | None:
        content = message.content
        if content.reply_target is not None:
            target = self.world.resolve(self.threads[message.thread_key], content.reply_target)
            answered = None if target is None else self._conversation_of(target)
            if answered is not None and not answered.imported:
                return answered, AS_MESSAGE
        if content.fallback is not None:
            return self.world.conversations[message.account_id, content.fallback], AS_MESSAGE
        if message.kind == HSM:
            inside = self._inside(message)
            if inside is not None:
                return inside, AS_MESSAGE
        claimant = next((each for each in self.live if self._claims(each, message)), None)
        if claimant is None:
            return None
        return claimant, AS_PRELUDE if message.kind == HSM else AS_GREETING

    def _conversation_of(self, target: Place) -> Conversation | None:
        if target.loose:
            spot = self._spot(target.message_key) if target.message_key in self.loose else None
            return None if spot is None else spot[0]
        if target.conv_key is None:
            return None
        return self.world.conversations.get((target.account_id, target.conv_key))

    def _inside(self, message: LooseMessage) -> Conversation | None:
        """The conversation that was open when this HSM was sent: its own thread's before a linked one's."""
        covering = [each for each in self.live if _covers(each, message.occurred_at)]
        own = [each for each in covering if each.thread_key == message.thread_key]
        return next(iter(own or covering), None)

    def _claims(self, conversation: Conversation, message: LooseMessage) -> bool:
        replied = self.replied[conversation.key]
        if replied == message.message_key:
            return True
        if replied is not None and message.kind != GREETING:
            return False
        at = message.occurred_at
        start, end = conversation.started_at, conversation.previous_ended_at
        window = self.window if conversation.prelude_window is None else conversation.prelude_window
        return start - window <= at <= start and (end is None or at > end)

    def _first_reply(self, conversation: Conversation) -> UUID | None:
        """The waiting HSM that the first customer message answers, if it answers one."""
        thread = self.threads[conversation.thread_key]
        opener = first_opener(self.world, thread, conversation)
        if opener is None or opener.reply_to is None:
            return None
        target = self.world.resolve(thread, opener.reply_to)
        if target is None or not target.loose:
            return None
        message = self.loose.get(target.message_key)
        if message is None or message.kind != HSM or self._inside(message) is not None:
            return None
        if conversation.ended_at is not None and message.occurred_at > conversation.ended_at:
            return None  # clocks that far apart tell nothing: what came after the end did not lead to the opening
        return message.message_key


def _covers(conversation: Conversation, at: datetime) -> bool:
    ended = conversation.ended_at
    return conversation.started_at < at and (ended is None or at <= ended)
