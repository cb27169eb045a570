"""What a message adds to its conversation (§9 duration, §10 interactions, chatbot of §12).

Everything commutes: minimum, maximum, sums, and "the latest by time and id".
"""

from datetime import datetime
from uuid import UUID

from bitacora_schemas.codes import Standing, WaitingKind
from bitacora_schemas.events.blocks import Chatbot

from services.ingest.projection.conversations.state import Assistant, Conversation, Totals
from services.ingest.projection.waiting.state import WaitingMessage


def add_public_message(
    totals: Totals, *, at: datetime, sender_kind: str, template: bool, incoming: bool
) -> None:
    """Counts a public message of the conversation itself and stretches its duration (§9, §10)."""
    first, last, activity = totals.first_message_at, totals.last_message_at, totals.last_activity_at
    if first is None or at < first:
        totals.first_message_at = at
    if last is None or at > last:
        totals.last_message_at = at
    if activity is None or at > activity:
        totals.last_activity_at = at
    if template:
        totals.template_count += 1
    # Whoever is said to have sent it: what comes in, the customer wrote.
    elif incoming or sender_kind == "customer":
        totals.customer_count += 1
    elif sender_kind == "human":
        totals.human_count += 1
    elif sender_kind != "system":
        totals.assistant_count += 1


def name_chatbot(totals: Totals, chatbot: Chatbot, at: datetime, event_id: UUID) -> bool:
    """Lets the latest event by time and id that names a chatbot name it; says whether this one does."""
    named_at = totals.chatbot_named_at
    if named_at is not None and (at, event_id) <= (named_at, totals.chatbot_named_by):
        return False
    totals.chatbot_id, totals.chatbot_name, totals.chatbot_version = chatbot.id, chatbot.name, chatbot.version
    totals.chatbot_named_at, totals.chatbot_named_by = at, event_id
    return True


def add_assistant(
    totals: Totals, sender_id: str | None, name: str | None, at: datetime, event_id: UUID
) -> bool:
    """Keeps the bots that spoke, by first message; a bot is shown under its earliest name. Says whether that changes."""
    if sender_id is None and name is None:
        return False
    stamp = (at, event_id)
    for index, known in enumerate(totals.assistants):
        if known.id == sender_id and (sender_id is not None or known.name == name):
            if at > known.at and known.named_at is not None and at > known.named_at:
                return False
            first = min((known.at, known.event_id), stamp)
            naming = (known.named_at, known.named_by, known.name)
            if name is not None and (known.named_at is None or stamp < (known.named_at, known.named_by)):
                naming = (at, event_id, name)
            merged = Assistant(sender_id, naming[2], *first, naming[0], naming[1])
            if merged != known:
                totals.assistants[index] = merged
                _order(totals)
            return merged != known
    named = (None, None) if name is None else stamp
    totals.assistants.append(Assistant(sender_id, name, at, event_id, *named))
    _order(totals)
    return True


def shown_totals(conversation: Conversation, waiting: list[WaitingMessage]) -> Totals:
    """The totals with the waiting messages that stand in the conversation."""
    if not waiting:
        return conversation.totals
    totals = conversation.totals.twin()
    for message in sorted(waiting, key=lambda each: (each.occurred_at, each.message_key)):
        _add_waiting(totals, message)
    return totals


def _add_waiting(totals: Totals, message: WaitingMessage) -> None:
    content, at = message.content, message.occurred_at
    template = content.template is not None
    if message.stands_as in (Standing.PRELUDE, Standing.GREETING):
        if totals.last_activity_at is None or at > totals.last_activity_at:
            totals.last_activity_at = at
        if message.kind == WaitingKind.GREETING:
            totals.assistant_count += 1
        else:
            totals.template_count += 1
            totals.started_by_template = True
    else:
        add_public_message(totals, at=at, sender_kind=content.sender_kind, template=template, incoming=False)
    if content.sender_kind == "bot":
        add_assistant(totals, content.sender_id, content.sender_name, at, content.event_id)
    if content.chatbot is not None:
        name_chatbot(totals, content.chatbot, at, content.event_id)


def _order(totals: Totals) -> None:
    totals.assistants.sort(key=lambda each: (each.at, each.event_id, each.id or "", each.name or ""))
