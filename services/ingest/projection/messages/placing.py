"""A message takes its place in a conversation: its row, its order (§2), what it counts for, its files."""

from datetime import datetime

from bitacora_schemas.codes import Direction, Standing
from bitacora_schemas.events.message import MessageReceived

from services.ingest.projection.conversations.state import Conversation, Opener, candidates
from services.ingest.projection.conversations.totals import add_assistant, add_public_message
from services.ingest.projection.files.merging import put_described
from services.ingest.projection.files.rows import file_row
from services.ingest.projection.messages.arrival import Arrival
from services.ingest.projection.messages.content import reply_json
from services.ingest.projection.messages.replies import await_target
from services.ingest.projection.messages.rows import MessageRow
from services.ingest.projection.working_set import WorkingSet

_MESSAGE = Standing.MESSAGE
_INCOMING, _OUTGOING, _INTERNAL = Direction.INCOMING, Direction.OUTGOING, Direction.INTERNAL


def place_message(
    work: WorkingSet, arrival: Arrival, conversation: Conversation, *, late: bool = False
) -> None:
    """Puts a message into a conversation for good and counts it there (§9, §10)."""
    seen, data, place, stored = arrival.seen, arrival.data, arrival.place, arrival.stored
    message = data.message
    at = seen.at
    sort_at, pending = _sort_time(work, arrival)
    incoming = type(data) is MessageReceived
    internal = message.visibility == "internal"
    sender = message.sender
    # By position, in the order of the columns: keywords would cost a microsecond a message.
    row = MessageRow(
        conversation.account_id,
        conversation.conv_key,
        place.message_key,
        message.id,
        seen.event_id,
        at,
        sort_at,
        seen.attributes.sequence,
        seen.position,
        _MESSAGE,
        _INTERNAL if internal else _INCOMING if incoming else _OUTGOING,
        sender.kind,
        sender.id,
        sender.name,
        message.plain_text,
        stored.parts,
        None if message.reply_to is None else reply_json(message),
        message.evaluation_id,
        stored.template,
        None,  # status
        None,  # edited_at
        None,  # deleted_at
        late,
        seen.skew_ms,
    )
    place.conv_key, place.occurred_at, place.sort_at = conversation.conv_key, at, sort_at
    work.messages[place.message_key] = row
    if not internal:
        _count(arrival, conversation, row, pending=pending)
    if stored.files:
        keep_files(work, arrival, from_customer=incoming)


def _count(arrival: Arrival, conversation: Conversation, row: MessageRow, *, pending: bool) -> None:
    """Adds a public message to what is summed over its conversation."""
    sender = arrival.data.message.sender
    incoming = row.direction == _INCOMING
    add_public_message(
        conversation.totals,
        at=row.occurred_at,
        sender_kind=sender.kind,
        template=row.template is not None,
        incoming=incoming,
    )
    if incoming:
        if not conversation.imported:
            _note_opener(arrival, conversation, row, pending=pending)
    elif sender.kind == "bot":
        add_assistant(conversation.totals, sender.id, sender.name, row.occurred_at, row.event_id)


def keep_in_log_only(work: WorkingSet, arrival: Arrival) -> None:
    """Remembers a message that stands nowhere, so that a repeat of it stands nowhere either."""
    place = arrival.place
    place.occurred_at = arrival.seen.at
    work.count("kept_in_log_only")


def keep_files(work: WorkingSet, arrival: Arrival, *, from_customer: bool) -> None:
    """Keeps the files of a message; what was reported before it lies over them."""
    seen, place, stored = arrival.seen, arrival.place, arrival.stored
    known = work.files.of(place.message_key)
    for index, file in stored.files:
        row = file_row(
            place.account_id,
            place.message_key,
            index,
            file,
            at=seen.at,
            event_id=seen.event_id,
            from_customer=from_customer,
        )
        put_described(known, row)


def _sort_time(work: WorkingSet, arrival: Arrival) -> tuple[datetime, bool]:
    """When a message stands in the transcript: a reply no earlier than its target (§2); and whether that may change."""
    seen, place = arrival.seen, arrival.place
    reply = arrival.data.message.reply_to
    if reply is None:
        return seen.at, False
    target = work.place(seen.thread, reply.message_id)
    pending = target.occurred_at is None
    if pending:
        await_target(work, seen.thread, reply.message_id, target, place.message_key)
        found = work.resolve(seen.thread, reply.message_id)
    else:
        found = target
    if found is None or found.occurred_at is None:
        return seen.at, pending
    return max(seen.at, found.occurred_at), pending


def _note_opener(arrival: Arrival, conversation: Conversation, row: MessageRow, *, pending: bool) -> None:
    """Keeps what may be the first customer message in transcript order: the first whose order is certain, and those before it whose order is not."""
    openers = conversation.openers
    sequence = row.sequence or ""
    # Where the target is on a linked thread only, the order here stays open: links may come in any order.
    order = (row.occurred_at if pending else row.sort_at, sequence, row.position)
    certain = [opener[:3] for opener in openers if not opener.pending]
    if certain and order >= min(certain):
        return
    reply = arrival.data.message.reply_to
    opener = Opener(
        *order, row.message_key, None if reply is None else reply.message_id, pending, row.occurred_at
    )
    conversation.openers = candidates([*openers, opener])
