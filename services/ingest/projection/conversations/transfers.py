"""The moment a conversation was handed over from one assistant or attendant to another."""

from bitacora_schemas.events.conversation import ConversationTransferred

from services.ingest.projection.conversations.fold import just_ended, name
from services.ingest.projection.conversations.transfer_rows import TransferRow
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet


def on_transferred(work: WorkingSet, seen: Occurrence, data: ConversationTransferred, rules: Rules) -> None:
    """Marks the moment; in the open conversation, else in one that ended a moment before (as §6 has it)."""
    conversation = seen.thread.open or just_ended(seen, rules)
    if conversation is None:
        work.count("kept_in_log_only")
        return
    from_ = data.from_
    work.transfers[seen.event_id] = TransferRow(
        account_id=conversation.account_id,
        conv_key=conversation.conv_key,
        event_id=seen.event_id,
        occurred_at=seen.at,
        position=seen.position,
        from_kind=None if from_ is None else from_.kind,
        from_id=None if from_ is None else from_.id,
        from_name=None if from_ is None else from_.name,
        to_kind=data.to.kind,
        to_id=data.to.id,
        to_name=data.to.name,
        reason=data.reason,
    )
    conversation.transferred = True
    name(work, conversation, seen, data.chatbot, data.conversation)
