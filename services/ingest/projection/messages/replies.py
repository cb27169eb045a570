"""Replies that come before what they answer (5.2): noted, and put in order when the target comes."""

from uuid import UUID

from services.ingest.projection.conversations.state import Conversation, Opener, candidates
from services.ingest.projection.messages.place import Place
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import World


def await_target(
    world: World, thread: ThreadState, message_id: str, target: Place, message_key: UUID
) -> None:
    """Notes that a message answers one that has not come on its thread."""
    target.awaited = True
    world.expect(thread, message_id, target)
    world.pending.setdefault(thread.thread_key, set()).add((message_id, message_key))
    world.new_pending.append((thread.account_id, target.message_key, message_key))


def order_replies(world: World, circle: list[ThreadState]) -> None:
    """Moves replies behind targets that have come; firm messages only, loose ones are placed with the rest."""
    for thread in circle:
        for message_id, message_key in sorted(world.pending.get(thread.thread_key, ())):
            row = world.messages.get(message_key)
            place = world.places.get(message_key)
            target = world.resolve(thread, message_id)
            if row is None or place is None or place.loose or target is None or target.occurred_at is None:
                continue
            sort_at = max(row.occurred_at, target.occurred_at)
            if sort_at != row.sort_at:
                row.sort_at = place.sort_at = sort_at
                world.changed_messages.add(message_key)
                world.changed_places.add(message_key)
                conversation = world.conversations.get((row.account_id, row.conv_key))
                if conversation is not None:
                    world.change(conversation)


def order_openers(world: World, thread: ThreadState, conversation: Conversation) -> None:
    """Settles who spoke first, where a candidate awaited what it answers."""
    if not any(opener.pending for opener in conversation.openers):
        return
    openers = []
    for opener in conversation.openers:
        own = None if opener.reply_to is None else world.places.get(thread.message_key(opener.reply_to))
        if opener.pending and own is not None and own.occurred_at is not None:
            openers.append(opener._replace(sort_at=max(opener.at, own.occurred_at), pending=False))
        else:
            openers.append(opener)
    openers = candidates(openers)
    if openers != conversation.openers:
        conversation.openers = openers
        world.change(conversation)


def first_opener(world: World, thread: ThreadState, conversation: Conversation) -> Opener | None:
    """The first customer message in transcript order as far as is known now, linked threads' messages included."""
    orders = []
    for opener in conversation.openers:
        target = None
        if opener.pending and opener.reply_to is not None:
            target = world.resolve(thread, opener.reply_to)
        if target is not None and target.occurred_at is not None:
            opener = opener._replace(sort_at=max(opener.at, target.occurred_at))  # noqa: PLW2901  its order now
        orders.append(opener)
    return min(orders, default=None)
