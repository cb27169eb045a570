"""Which conversations a batch changed, found by comparing; and how they read with the messages that wait in them."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from services.ingest.projection.conversations.state import Conversation, picture_of
from services.ingest.projection.conversations.totals import shown_totals
from services.ingest.projection.json_text import to_json
from services.ingest.projection.waiting.state import WaitingMessage
from services.ingest.projection.working_set import ConversationKey, WorkingSet


class ChangedConversations(Struct):
    """By how they are written, each in key order; `running` are those of which only the running totals changed."""

    new: list[Conversation]
    rewritten: list[Conversation]
    running: list[Conversation]

    def keys(self) -> Iterator[ConversationKey]:
        """Of all of them."""
        return (each.key for group in (self.new, self.rewritten, self.running) for each in group)


def changed_conversations(work: WorkingSet) -> ChangedConversations:
    """New and changed conversations, with what waits in them counted as it is shown (§4, §10)."""
    waiting = _standing(work)
    moved = _moved(work)
    changed = ChangedConversations([], [], [])
    for key in sorted(work.conversations):
        conversation = work.conversations[key]
        known = work.conversations.loaded.get(key)
        now = None if known is None else picture_of(conversation)
        if now == known and known is not None and key not in moved:
            continue
        shown = _as_shown(conversation, waiting.get(key, []))
        if known is None or now is None:
            changed.new.append(shown)
        elif key in waiting or key in moved or now[:-1] != known[:-1]:
            changed.rewritten.append(shown)
        else:
            changed.running.append(shown)
    return changed


def _standing(work: WorkingSet) -> dict[ConversationKey, list[WaitingMessage]]:
    """The waiting messages that stand in each conversation now."""
    standing: dict[ConversationKey, list[WaitingMessage]] = {}
    for message in work.waiting.values():
        if message.conv_key is not None:
            standing.setdefault((message.account_id, message.conv_key), []).append(message)
    return standing


def _moved(work: WorkingSet) -> set[ConversationKey]:
    """The conversations that a waiting message entered, left, or stands in otherwise than before."""
    moved: set[ConversationKey] = set()
    for message in work.waiting.written():
        before = work.waiting.loaded.get(message.message_key)
        for conv_key in (message.conv_key, None if before is None else before.conv_key):
            if conv_key is not None:
                moved.add((message.account_id, conv_key))
    return moved


def _as_shown(conversation: Conversation, waiting: list[WaitingMessage]) -> Conversation:
    conversation.own_totals = None
    if not waiting:
        return conversation
    shown = replace(conversation)
    shown.own_totals = to_json(conversation.totals)
    shown.totals = shown_totals(conversation, waiting)
    return shown
