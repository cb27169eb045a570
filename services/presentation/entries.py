"""A conversation's history as people read it: days, silences, messages by sender, and what happened between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, assert_never

from services.presentation import scores, words
from services.presentation.contacts import actor_name
from services.presentation.facts import annotation_text
from services.presentation.marks import Node, plain_nodes
from services.presentation.messages import Message, Surroundings, read_message
from services.presentation.parts import States
from services.presentation.reader import Reader
from services.presentation.scores import Score
from services.readmodel.rows import (
    Actor,
    AnnotationEntry,
    EndedEntry,
    EvaluationEntry,
    ExpiredEntry,
    HistoryEntry,
    MessageEntry,
    StartedEntry,
    TransferEntry,
)

SILENCE = timedelta(hours=1)
"""A pause from which on the transcript says how long nobody wrote."""

MarkerKind = Literal["day", "silence", "started", "expired", "ended", "transfer", "annotation"]


@dataclass(frozen=True, slots=True)
class Marker:
    """A line across the transcript; `at` is None where a moment would say nothing, `detail` says by whom or why."""

    kind: MarkerKind
    text: tuple[Node, ...]
    at: datetime | None = None
    detail: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """An evaluation where it was asked: the question, and the answer if there is one."""

    at: datetime
    title: str
    question: tuple[Node, ...]
    score: Score | None
    answer: str
    comment: tuple[Node, ...]
    kind: str = "survey"


Entry = Marker | Survey | Message


def read_history(
    reader: Reader,
    items: Sequence[HistoryEntry],
    *,
    customer: str,
    states: States,
    today: date | None,
) -> tuple[Entry, ...]:
    """The entries of a stretch of history, oldest first, with day and silence markers put between.

    `today` lets days be called today and yesterday; None for what is read later.
    """
    items = _in_reading_order(items)
    around = Surroundings(
        customer, {item.id: item for item in items if isinstance(item, MessageEntry)}, states
    )
    found: list[Entry] = []
    before: datetime | None = None
    last_sender: tuple[str, str | None, str | None] | None = None
    for item in items:
        breaks = _breaks(reader, before, item.at, today)
        found.extend(breaks)
        before = item.at
        if not isinstance(item, MessageEntry):
            found.append(_between(reader, item))
            last_sender = None
            continue
        sender = (item.sender.kind or "", item.sender.id, item.direction)
        follows = sender == last_sender and not breaks and item.template is None
        found.append(read_message(reader, item, around, follows=follows))
        last_sender = sender
    return tuple(found)


def _in_reading_order(items: Sequence[HistoryEntry]) -> Sequence[HistoryEntry]:
    """The start after what came before it: an HSM was sent, then the customer answered it."""
    if not items or not isinstance(items[0], StartedEntry):
        return items
    start, rest = items[0], items[1:]
    before = next((place for place, item in enumerate(rest) if item.at >= start.at), len(rest))
    return (*rest[:before], start, *rest[before:])


def _breaks(reader: Reader, before: datetime | None, at: datetime, today: date | None) -> list[Marker]:
    found = []
    # Time can run backwards by a little between entries of equal rank; no marker then.
    if before is not None and at - before >= SILENCE:
        span = reader.duration((at - before).total_seconds())
        found.append(Marker("silence", plain_nodes(reader.gettext("{span} sin mensajes").format(span=span))))
    if before is None or reader.local(before).date() != reader.local(at).date():
        found.append(Marker("day", plain_nodes(words.sentence(reader.day(at, today)))))
    return found


def _between(
    reader: Reader,
    item: StartedEntry | ExpiredEntry | EndedEntry | TransferEntry | EvaluationEntry | AnnotationEntry,
) -> Marker | Survey:
    match item:
        case StartedEntry():
            return Marker("started", plain_nodes(reader.gettext("Empezó la conversación")), item.at)
        case ExpiredEntry():
            text = reader.gettext("Los mensajes se borraron al cumplirse el plazo de conservación")
            return Marker("expired", plain_nodes(text))
        case EndedEntry():
            reason = words.end_reason(reader, item.reason)
            text = reader.gettext("Terminó la conversación: {reason}").format(reason=reason)
            return Marker("ended", plain_nodes(text), item.at, plain_nodes(_by(reader, item.by)))
        case TransferEntry():
            return Marker(
                "transfer", plain_nodes(_transfer(reader, item)), item.at, plain_nodes(item.reason or "")
            )
        case EvaluationEntry():
            return _survey(reader, item)
        case AnnotationEntry(annotation=made):
            text = f"{words.annotation_kind(reader, made.kind)}: {annotation_text(reader, made)}"
            return Marker("annotation", plain_nodes(text), item.at, plain_nodes(_by(reader, made.by)))
        case _:
            assert_never(item)


def _transfer(reader: Reader, item: TransferEntry) -> str:
    to = actor_name(reader, item.to)
    if item.from_ is None:
        return reader.gettext("Transferida a {to}").format(to=to)
    from_ = actor_name(reader, item.from_)
    return reader.gettext("Transferida de {from_} a {to}").format(from_=from_, to=to)


def _by(reader: Reader, actor: Actor) -> str:
    if actor.kind in {None, "system", "customer"} and not actor.name:
        return ""
    return reader.gettext("por {name}").format(name=actor_name(reader, actor))


def _survey(reader: Reader, item: EvaluationEntry) -> Survey:
    name, metric = reader.gettext("Encuesta"), words.metric(reader, item.metric)
    return Survey(
        at=item.at,
        title=name if metric == name else f"{name} {metric}",
        question=plain_nodes(item.question or reader.gettext("Pregunta no registrada")),
        score=scores.score_of(reader, item),
        answer=scores.answer_text(reader, item),
        comment=plain_nodes(item.comment or ""),
    )
