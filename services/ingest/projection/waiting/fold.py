"""A message comes whose conversation can still change: an HSM, a greeting, an answer to what is not known yet (§4, §6)."""

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.messages.arrival import Arrival
from services.ingest.projection.messages.content import reply_json
from services.ingest.projection.messages.placing import keep_files
from services.ingest.projection.messages.replies import await_target
from services.ingest.projection.waiting.state import WaitingContent, WaitingMessage
from services.ingest.projection.working_set import WorkingSet


def keep_waiting(
    work: WorkingSet, arrival: Arrival, *, kind: int, fallback: Conversation | None = None
) -> None:
    """Keeps a message whose conversation can still change; `place_waiting` finds it."""
    seen, data, place, stored = arrival.seen, arrival.data, arrival.place, arrival.stored
    message, sender, thread = data.message, data.message.sender, seen.thread
    reply = message.reply_to
    if reply is not None:
        target = work.place(thread, reply.message_id)
        if not target.known:
            await_target(work, thread, reply.message_id, target, place.message_key)
    content = WaitingContent(
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
    place.occurred_at, place.waiting = seen.at, True
    work.waiting[place.message_key] = WaitingMessage(
        thread.account_id, thread.thread_key, place.message_key, seen.at, kind, content
    )
    thread.has_waiting = True
    if stored.files:
        keep_files(work, arrival, from_customer=False)
