"""From database records to the states of the reducer, and their JSON columns back."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg
import msgspec
from bitacora_schemas.events.evaluation import Scale
from msgspec import Struct
from msgspec.structs import astuple

from services.ingest.projection.conversations.state import Assistant, Conversation, Opener, Totals
from services.ingest.projection.evaluations.state import Answer, EvaluationState
from services.ingest.projection.json_text import to_json
from services.ingest.projection.messages.place import Place
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.state import LooseContent, LooseMessage


class StoredAssistant(Struct):
    """An `Assistant` as `conversation.assistants` keeps it: by names, since lists of conversations read it too."""

    id: str | None
    name: str | None
    at: datetime
    event_id: UUID
    named_at: datetime | None
    named_by: UUID | None


_OPENERS = msgspec.json.Decoder(list[Opener])
_TOTALS = msgspec.json.Decoder(Totals)
_ASSISTANTS = msgspec.json.Decoder(list[StoredAssistant])
_CONTENT = msgspec.json.Decoder(LooseContent)
_SCALE = msgspec.json.Decoder(Scale)
_ANSWERS = msgspec.json.Decoder(list[Answer])

_STATE_COLUMNS = 28
"""How many columns of `load_conversations` come before the totals."""
_ASSISTANTS_AT = 39


def read_thread(row: asyncpg.Record) -> ThreadState:
    thread = ThreadState(*row)
    thread.is_new = thread.dirty = False
    return thread


def read_place(row: asyncpg.Record) -> Place:
    place = Place(*row)
    place.is_new = False
    place.stored_conv_key, place.stored_sort_at = place.conv_key, place.sort_at
    return place


def read_conversation(row: asyncpg.Record) -> Conversation:
    conversation = Conversation(*row[:_STATE_COLUMNS])
    conversation.is_new = conversation.rewrite = False
    openers, firm = row[_ASSISTANTS_AT + 2], row[_ASSISTANTS_AT + 3]
    if openers is not None:
        conversation.openers = _OPENERS.decode(openers)
    if firm is None:
        totals = conversation.totals = Totals(*row[_STATE_COLUMNS:_ASSISTANTS_AT])
        totals.assistants = [Assistant(*astuple(each)) for each in _ASSISTANTS.decode(row[_ASSISTANTS_AT])]
        totals.started_by_template = row[_ASSISTANTS_AT + 1]
    else:
        conversation.totals = _TOTALS.decode(firm)
    conversation.has_loose = firm is not None
    if row[_ASSISTANTS_AT + 4] is not None:
        conversation.prelude_window = timedelta(seconds=row[_ASSISTANTS_AT + 4])
    return conversation


def assistants_json(assistants: list[Assistant]) -> str:
    """As `conversation.assistants` keeps it; who reads lists needs only id and name."""
    return to_json([assistant._asdict() for assistant in assistants])


def read_evaluation(row: asyncpg.Record) -> EvaluationState:
    return EvaluationState(
        row["account_id"],
        row["thread_key"],
        row["evaluation_id"],
        row["conv_key"],
        row["metric"],
        question=row["question"],
        scale=None if row["scale"] is None else _SCALE.decode(row["scale"]),
        asked_at=row["asked_at"],
        asked_event_id=row["asked_event_id"],
        answers=_ANSWERS.decode(row["answers"]),
        dirty=False,
    )


def read_loose(row: asyncpg.Record) -> LooseMessage:
    return LooseMessage(
        row["account_id"],
        row["thread_key"],
        row["message_key"],
        row["occurred_at"],
        row["kind"],
        _CONTENT.decode(row["message"]),
        conv_key=row["conv_key"],
        stands_as=row["stands_as"],
        is_new=False,
        dirty=False,
    )


def number(score: float | Decimal | None) -> Decimal | None:
    """A score as it is stored: 9, not 9.0."""
    if score is None:
        return None
    exact = Decimal(str(score))
    return Decimal(int(exact)) if exact == exact.to_integral_value() else exact
