"""Replies that come before what they answer (§2): noted, and put in order when the target comes."""

from collections.abc import Iterable
from uuid import UUID

from services.ingest.projection.conversations.state import Conversation, Opener, candidates
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.replies_awaited import AwaitingReply
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import WorkingSet


def await_target(
    work: WorkingSet, thread: ThreadState, message_id: str, target: Place, message_key: UUID
) -> None:
    """Notes that a message answers one that has not come on its thread."""
    target.awaited = True
    target.expect(thread.thread_key, message_id)
    work.replies[target.message_key, message_key] = AwaitingReply(
        thread.account_id, target.message_key, message_key, thread.thread_key, message_id
    )


def order_replies(work: WorkingSet, replies: Iterable[AwaitingReply]) -> None:
    """Moves replies behind targets that have come; those that wait for their conversation are placed with the rest."""
    for reply in sorted(replies, key=lambda each: (each.thread_key, each.message_id, each.message_key)):
        row = work.messages.get(reply.message_key)
        place = work.places.get(reply.message_key)
        target = work.resolve(work.threads[reply.thread_key], reply.message_id)
        if row is None or place is None or place.waiting or target is None or target.occurred_at is None:
            continue
        row.sort_at = place.sort_at = max(row.occurred_at, target.occurred_at)


def order_openers(work: WorkingSet, thread: ThreadState, conversation: Conversation) -> None:
    """Finds who spoke first, where a candidate awaited what it answers."""
    if not any(opener.pending for opener in conversation.openers):
        return
    openers = []
    for opener in conversation.openers:
        own = None if opener.reply_to is None else work.places.get(thread.message_key(opener.reply_to))
        if opener.pending and own is not None and own.occurred_at is not None:
            openers.append(opener._replace(sort_at=max(opener.at, own.occurred_at), pending=False))
        else:
            openers.append(opener)
    conversation.openers = candidates(openers)


def first_opener(work: WorkingSet, thread: ThreadState, conversation: Conversation) -> Opener | None:
    """The first customer message in transcript order as far as is known now, linked threads' messages included."""
    orders = []
    for opener in conversation.openers:
        target = None
        if opener.pending and opener.reply_to is not None:
            target = work.resolve(thread, opener.reply_to)
        if target is not None and target.occurred_at is not None:
            opener = opener._replace(sort_at=max(opener.at, target.occurred_at))  # noqa: PLW2901  its order now
        orders.append(opener)
    return min(orders, default=None)
