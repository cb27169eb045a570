"""A loose message takes, leaves or changes its place (5.4): its row, its files, its conversations' totals."""

from datetime import datetime

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.messages.fact_effects import adopt
from services.ingest.projection.messages.rows import OUTGOING, MessageRow
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.state import LooseMessage
from services.ingest.projection.working_set import World


def move(
    world: World, thread: ThreadState, message: LooseMessage, spot: tuple[Conversation, int] | None
) -> None:
    """Puts a loose message where it belongs; nothing when it stands there already."""
    key = message.message_key
    place = world.places[key]
    conv_key, stands_as = (None, 0) if spot is None else (spot[0].conv_key, spot[1])
    sort_at = _sort_time(world, thread, message)
    if (
        message.conv_key == conv_key
        and message.stands_as == stands_as
        and (conv_key is None or place.sort_at == sort_at)
    ):
        return
    if message.conv_key is not None and message.conv_key != conv_key:
        former = world.conversations[message.account_id, message.conv_key]
        former.loose.pop(key, None)
        world.change(former)
    message.conv_key, message.stands_as, message.dirty = conv_key, stands_as, True
    place.conv_key = conv_key
    place.sort_at = None if conv_key is None else sort_at
    world.changed_places.add(key)
    world.changed_messages.add(key)
    if spot is None:
        world.messages.pop(key, None)
        if key in world.facts:
            world.facts[key].place_files(place)
            world.changed_facts.add(key)
        return
    conversation = spot[0]
    conversation.loose[key] = stands_as
    world.change(conversation)
    world.messages[key] = _row(message, conversation, sort_at)
    if key in world.facts:
        adopt(world, key)
        world.changed_facts.add(key)


def _row(message: LooseMessage, conversation: Conversation, sort_at: datetime) -> MessageRow:
    content = message.content
    return MessageRow(
        account_id=message.account_id,
        conv_key=conversation.conv_key,
        message_key=message.message_key,
        message_id=content.message_id,
        event_id=content.event_id,
        occurred_at=message.occurred_at,
        sort_at=sort_at,
        sequence=content.sequence,
        position=content.position,
        kind=message.stands_as,
        direction=OUTGOING,
        sender_kind=content.sender_kind,
        sender_id=content.sender_id,
        sender_name=content.sender_name,
        plain_text=content.plain_text,
        parts=content.parts,
        reply_to=content.reply_to,
        evaluation_id=content.evaluation_id,
        template=content.template,
        skew_ms=content.skew_ms,
    )


def _sort_time(world: World, thread: ThreadState, message: LooseMessage) -> datetime:
    target_id = message.content.reply_target
    if target_id is None:
        return message.occurred_at
    target = world.resolve(thread, target_id)
    if target is None or target.occurred_at is None:
        return message.occurred_at
    return max(message.occurred_at, target.occurred_at)
