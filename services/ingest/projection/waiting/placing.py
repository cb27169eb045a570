"""Where waiting messages belong (§4, §6): a pure function of times and of what is linked.

It is worked out anew for all of them that a batch holds, so it does not matter in which order things arrive, and no handler
has to say that something near them changed.
"""

from datetime import datetime, timedelta
from uuid import UUID

from bitacora_schemas.codes import Standing, WaitingKind

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.replies import first_opener, order_openers, order_replies
from services.ingest.projection.messages.replies_awaited import AwaitingReply
from services.ingest.projection.rules import Rules
from services.ingest.projection.threads.state import LinkKey, ThreadState
from services.ingest.projection.waiting.moving import move
from services.ingest.projection.waiting.state import WaitingMessage
from services.ingest.projection.working_set import WorkingSet

Spot = tuple[Conversation, int]
"""A conversation, and as what a message stands in it."""


def place_waiting(work: WorkingSet, rules: Rules) -> None:
    """Finds the place of every waiting message and reply of the working set. Running it again changes nothing."""
    waiting: dict[LinkKey, dict[UUID, WaitingMessage]] = {}
    replies: dict[LinkKey, list[AwaitingReply]] = {}
    for message in work.waiting.values():
        key = work.threads[message.thread_key].link_key
        waiting.setdefault(key, {})[message.message_key] = message
    for reply in work.replies.values():
        replies.setdefault(work.threads[reply.thread_key].link_key, []).append(reply)
    for key in sorted(waiting.keys() | replies.keys(), key=str):
        threads = sorted(work.linked_threads[key], key=lambda each: each.thread_key)
        order_replies(work, replies.get(key, ()))
        for thread in threads:
            for conversation in thread.conversations.values():
                order_openers(work, thread, conversation)
        if key in waiting:
            _LinkedThreads(work, threads, waiting[key], rules).place()


class _LinkedThreads:
    """The waiting messages of one group of linked threads, and the conversations that they may belong to."""

    def __init__(
        self, work: WorkingSet, threads: list[ThreadState], waiting: dict[UUID, WaitingMessage], rules: Rules
    ) -> None:
        self.work = work
        self.waiting = waiting
        self.window = rules.prelude_window
        self.threads = {thread.thread_key: thread for thread in threads}
        self.live = sorted(
            (each for thread in threads for each in thread.conversations.values() if not each.imported),
            key=lambda each: each.age,
        )
        self.spots: dict[UUID, Spot | None] = {}
        self.replied = {each.key: self._first_reply(each) for each in self.live}

    def place(self) -> None:
        """Moves each of them where it belongs."""
        for key in sorted(self.waiting):
            self._spot(key)
        for key, spot in self.spots.items():
            message = self.waiting[key]
            move(self.work, self.threads[message.thread_key], message, spot)

    def _spot(self, key: UUID) -> Spot | None:
        """Where a message stands; chains of answers are followed, a ring of them leads nowhere."""
        if key in self.spots:
            return self.spots[key]
        self.spots[key] = None
        self.spots[key] = spot = self._find(self.waiting[key])
        return spot

    def _find(self, message: WaitingMessage) -> Spot | None:
        content = message.content
        # What it answers says most: the message it names is in that conversation (§6).
        if content.reply_target is not None:
            target = self.work.resolve(self.threads[message.thread_key], content.reply_target)
            answered = None if target is None else self._conversation_of(target)
            if answered is not None and not answered.imported:
                return answered, Standing.MESSAGE
        # An answer whose target never came stays where it was said.
        if content.fallback is not None:
            return self.work.conversations[message.account_id, content.fallback], Standing.MESSAGE
        # An HSM sent while a conversation was open is an ordinary message of it (§4).
        if message.kind == WaitingKind.HSM:
            inside = self._inside(message)
            if inside is not None:
                return inside, Standing.MESSAGE
        # The earliest opened that claims it, so that it belongs to one only (§4).
        claimant = next((each for each in self.live if self._claims(each, message)), None)
        if claimant is None:
            return None
        return claimant, Standing.PRELUDE if message.kind == WaitingKind.HSM else Standing.GREETING

    def _conversation_of(self, target: Place) -> Conversation | None:
        """Where a message is that another one answers; it may wait itself."""
        if target.waiting:
            spot = self._spot(target.message_key) if target.message_key in self.waiting else None
            return None if spot is None else spot[0]
        if target.conv_key is None:
            return None
        return self.work.conversations.get((target.account_id, target.conv_key))

    def _inside(self, message: WaitingMessage) -> Conversation | None:
        """The conversation that was open when this HSM was sent: its own thread's before a linked one's."""
        covering = [each for each in self.live if _covers(each, message.occurred_at)]
        own = [each for each in covering if each.thread_key == message.thread_key]
        return next(iter(own or covering), None)

    def _claims(self, conversation: Conversation, message: WaitingMessage) -> bool:
        """Whether a message that waited led to this conversation (§4)."""
        # A customer who replies to an HSM says which one led here: the others did not, whatever their times (§4). A
        # greeting is no HSM, and may still head the conversation (§6).
        replied = self.replied[conversation.key]
        if replied == message.message_key:
            return True
        if replied is not None and message.kind != WaitingKind.GREETING:
            return False
        # Nobody replied: those since the previous end, within the window that was in force at the opening (§4).
        at = message.occurred_at
        start, end = conversation.started_at, conversation.previous_ended_at
        own = conversation.prelude_window_seconds
        window = self.window if own is None else timedelta(seconds=own)
        return start - window <= at <= start and (end is None or at > end)

    def _first_reply(self, conversation: Conversation) -> UUID | None:
        """The waiting HSM that the first customer message answers, if it answers one."""
        thread = self.threads[conversation.thread_key]
        opener = first_opener(self.work, thread, conversation)
        if opener is None or opener.reply_to is None:
            return None
        target = self.work.resolve(thread, opener.reply_to)
        if target is None or not target.waiting:
            return None
        message = self.waiting.get(target.message_key)
        if message is None or message.kind != WaitingKind.HSM or self._inside(message) is not None:
            return None
        if conversation.ended_at is not None and message.occurred_at > conversation.ended_at:
            return None  # clocks that far apart tell nothing: what came after the end did not lead to the opening
        return message.message_key


def _covers(conversation: Conversation, at: datetime) -> bool:
    ended = conversation.ended_at
    return conversation.started_at < at and (ended is None or at <= ended)
