"""A waiting message takes, leaves or changes its place (§4): its row, its files, its conversations' totals."""

from datetime import datetime

from bitacora_schemas.codes import Direction

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.messages.rows import MessageRow
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.state import WaitingMessage
from services.ingest.projection.working_set import WorkingSet


def move(
    work: WorkingSet, thread: ThreadState, message: WaitingMessage, spot: tuple[Conversation, int] | None
) -> None:
    """Puts a waiting message where it belongs; nothing when it stands there already."""
    key = message.message_key
    place = work.places[key]
    conv_key, stands_as = (None, 0) if spot is None else (spot[0].conv_key, spot[1])
    sort_at = _sort_time(work, thread, message)
    if (
        message.conv_key == conv_key
        and message.stands_as == stands_as
        and (conv_key is None or place.sort_at == sort_at)
    ):
        return
    message.conv_key, message.stands_as = conv_key, stands_as
    place.conv_key = conv_key
    place.sort_at = None if conv_key is None else sort_at
    if spot is None:
        work.messages.pop(key, None)
    else:
        work.messages[key] = _row(message, spot[0], sort_at)


def _row(message: WaitingMessage, conversation: Conversation, sort_at: datetime) -> MessageRow:
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
        direction=Direction.OUTGOING,
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


def _sort_time(work: WorkingSet, thread: ThreadState, message: WaitingMessage) -> datetime:
    target_id = message.content.reply_target
    if target_id is None:
        return message.occurred_at
    target = work.resolve(thread, target_id)
    if target is None or target.occurred_at is None:
        return message.occurred_at
    return max(message.occurred_at, target.occurred_at)
