"""What a batch names, so that the working set can be loaded before it is folded."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.conversation import ConversationEnded, ConversationStarted
from bitacora_schemas.events.evaluation import EvaluationAnswered, EvaluationAsked
from bitacora_schemas.events.file import FileStored, FileUnavailable
from bitacora_schemas.events.message import (
    MessageDeleted,
    MessageEdited,
    MessageReacted,
    MessageReceived,
    MessageSent,
    MessageStatusChanged,
)
from bitacora_schemas.events.parts import TextPart
from msgspec import Struct

from services.ingest.logged_event import LoggedEvent
from services.ingest.projection.people.fold import identifiers_of
from services.ingest.projection.people.linking import Claim


class Mentions(Struct):
    """What the events of one thread name. `since` is the earliest time among them."""

    account_id: int
    accountid: str
    first: LoggedEvent
    since: datetime
    message_ids: set[str] = msgspec.field(default_factory=set)
    """Every message id: messages, what they answer, what happens to them."""
    status_ids: set[str] = msgspec.field(default_factory=set)
    """Messages whose statuses change."""
    fact_ids: set[str] = msgspec.field(default_factory=set)
    """Messages that are edited, deleted, reacted to, or whose files change."""
    evaluation_ids: set[str] = msgspec.field(default_factory=set)
    """Surveys that are asked or answered."""
    imports: bool = False
    sends: bool = False
    sends_loose: bool = False
    """An HSM or an answer is among what was sent: it may belong to any conversation."""
    bounds: bool = False
    """A conversation is started or ended."""


def collect(events: Iterable[LoggedEvent]) -> tuple[dict[str, Mentions], list[Claim]]:
    """What each thread's events name, by thread key; and which identifiers they say are one person, each claim once."""
    mentions: dict[str, Mentions] = {}
    claims: list[Claim] = []
    claimed: set[object] = set()
    for logged in events:
        attributes = logged.event.attributes
        data = logged.event.data
        subject = attributes.subject
        earliest = min(attributes.time, attributes.recordedtime)
        named = mentions.get(subject)
        if named is None:
            named = mentions[subject] = Mentions(logged.account_id, attributes.accountid, logged, earliest)
        elif earliest < named.since:
            named.since = earliest
        naming = _NAMING.get(type(data))
        if naming is not None:
            naming(named, data)
        claim = _claim_key(subject, data)
        if claim not in claimed:
            claimed.add(claim)
            claims.append(
                Claim(logged.account_id, attributes.accountid, subject, tuple(identifiers_of(data)))
            )
    return mentions, claims


def _claim_key(subject: str, data: EventData) -> object:
    link = getattr(data, "link", None)
    contact = data.contact
    if link is None:
        return subject if contact is None else (subject, contact.ids)
    return subject, None if contact is None else contact.ids, link, getattr(data, "replaces", None)


def _message(named: Mentions, data: MessageReceived | MessageSent) -> None:
    message = data.message
    named.message_ids.add(message.id)
    if message.reply_to is not None:
        named.message_ids.add(message.reply_to.message_id)
    if message.evaluation_id is not None:
        named.evaluation_ids.add(message.evaluation_id)
    if message.provenance == "history":
        named.imports = True
    if type(data) is MessageSent:
        named.sends = True
        if message.reply_to is not None or type(message.parts[0]) is not TextPart:
            named.sends_loose = True


def _status(named: Mentions, data: MessageStatusChanged) -> None:
    named.message_ids.add(data.message_id)
    named.status_ids.add(data.message_id)


def _fact(named: Mentions, data: MessageEdited | MessageDeleted | MessageReacted | FileStored) -> None:
    named.message_ids.add(data.message_id)
    named.fact_ids.add(data.message_id)


def _evaluation(named: Mentions, data: EvaluationAsked | EvaluationAnswered) -> None:
    named.evaluation_ids.add(data.evaluation_id)
    if type(data) is EvaluationAnswered and data.message_id is not None:
        named.message_ids.add(data.message_id)


def _bound(named: Mentions, data: ConversationStarted | ConversationEnded) -> None:
    named.bounds = True


_NAMING: dict[type[EventData], Callable[[Mentions, Any], None]] = {
    MessageReceived: _message,
    MessageSent: _message,
    MessageStatusChanged: _status,
    MessageEdited: _fact,
    MessageDeleted: _fact,
    MessageReacted: _fact,
    FileStored: _fact,
    FileUnavailable: _fact,
    ConversationStarted: _bound,
    ConversationEnded: _bound,
    EvaluationAsked: _evaluation,
    EvaluationAnswered: _evaluation,
}
