"""A conversation's history as people read it: days, silences, bubbles by sender, and markers between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.query.pages import pieces, wording
from services.query.pages.conversation.bubbles import Bubble, anchor, bubble
from services.query.pages.conversation.parts import HeldFile
from services.query.pages.marks import Node, plain_nodes
from services.query.pages.pieces import Score
from services.query.pages.reader import Reader, iso
from services.readmodel.rows import (
    Actor,
    EndedEntry,
    EvaluationEntry,
    ExpiredEntry,
    HistoryEntry,
    MessageEntry,
    StartedEntry,
    TransferEntry,
)

__all__ = ["Entry", "Marker", "Survey", "anchor", "answer_text", "score_of", "survey", "transcript"]

SILENCE = timedelta(hours=1)
"""A pause from which on the transcript says how long nobody wrote."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A line across the transcript. `kind`: day, silence, started, expired, ended, transfer."""

    kind: str
    text: tuple[Node, ...]
    icon: str = ""
    clock: str = ""
    clock_iso: str = ""
    detail: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """An evaluation where it was asked: the question, and the answer if there is one."""

    metric: str
    question: tuple[Node, ...]
    score: Score | None
    answer: str
    comment: tuple[Node, ...]
    clock: str
    clock_iso: str
    kind: str = "survey"


Entry = Marker | Survey | Bubble


def transcript(
    reader: Reader,
    items: tuple[HistoryEntry, ...],
    *,
    today: date,
    files: Mapping[str, HeldFile],
    customer: tuple[Node, ...],
) -> tuple[Entry, ...]:
    """The entries of one page of history, oldest first, with day and silence markers put between."""
    items = _in_reading_order(items)
    quotes = {item.id: item for item in items if isinstance(item, MessageEntry)}
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
        found.append(bubble(reader, item, files=files, quotes=quotes, customer=customer, follows=follows))
        last_sender = sender
    return tuple(found)


def _in_reading_order(items: tuple[HistoryEntry, ...]) -> tuple[HistoryEntry, ...]:
    """The start after what came before it: an HSM was sent, then the customer answered it."""
    if not items or not isinstance(items[0], StartedEntry):
        return items
    start, rest = items[0], items[1:]
    before = next((place for place, item in enumerate(rest) if item.at >= start.at), len(rest))
    return (*rest[:before], start, *rest[before:])


def _breaks(reader: Reader, before: datetime | None, at: datetime, today: date) -> list[Marker]:
    found = []
    # Time can run backwards by a little between entries of equal rank; no marker then.
    if before is not None and at - before >= SILENCE:
        span = reader.duration((at - before).total_seconds())
        text = reader.gettext("{span} sin mensajes").format(span=span)
        found.append(Marker("silence", plain_nodes(text), "clock-pause"))
    if before is None or reader.local(before).date() != reader.local(at).date():
        day = reader.day(at, today)
        found.append(Marker("day", plain_nodes(day[:1].upper() + day[1:])))
    return found


def _between(reader: Reader, item: HistoryEntry) -> Entry:
    match item:
        case StartedEntry():
            return _marker(reader, "started", item.at, reader.gettext("Empezó la conversación"), icon="flag")
        case ExpiredEntry():
            text = reader.gettext("Los mensajes se borraron al cumplirse el plazo de conservación")
            return Marker("expired", plain_nodes(text), "ban")
        case EndedEntry():
            text = reader.gettext("Terminó la conversación: {reason}").format(
                reason=wording.end_reason(reader.gettext, item.reason)
            )
            return _marker(reader, "ended", item.at, text, icon="player-stop", by=_by(reader, item.by))
        case TransferEntry():
            return _transfer(reader, item)
        case EvaluationEntry():
            return survey(reader, item)
        case _:
            raise AssertionError(item)


def _transfer(reader: Reader, item: TransferEntry) -> Marker:
    to = actor_name(reader, item.to)
    if item.from_ is None:
        text = reader.gettext("Transferida a {to}").format(to=to)
    else:
        text = reader.gettext("Transferida de {from_} a {to}").format(
            from_=actor_name(reader, item.from_), to=to
        )
    return _marker(reader, "transfer", item.at, text, icon="arrows-exchange", by=item.reason or "")


def _marker(reader: Reader, kind: str, at: datetime, text: str, *, icon: str, by: str = "") -> Marker:
    return Marker(kind, plain_nodes(text), icon, reader.clock(at), iso(at), plain_nodes(by))


def _by(reader: Reader, actor: Actor) -> str:
    if actor.kind in {None, "system", "customer"} and not actor.name:
        return ""
    return reader.gettext("por {name}").format(name=actor_name(reader, actor))


def actor_name(reader: Reader, actor: Actor) -> str:
    """A sender's name, else its id, else what it is."""
    return actor.name or actor.id or wording.actor_kind(reader.gettext, actor.kind)


def survey(reader: Reader, item: EvaluationEntry) -> Survey:
    """A survey with its figure; an answer outside the scale is shown as it came, never as a score."""
    score = score_of(reader, item.metric, item.score) if item.valid and item.score is not None else None
    return Survey(
        metric=wording.metric(reader.gettext, item.metric),
        question=plain_nodes(item.question or reader.gettext("Pregunta no registrada")),
        score=score,
        answer=answer_text(reader, item.valid, item.raw_answer),
        comment=plain_nodes(item.comment or ""),
        clock=reader.clock(item.at),
        clock_iso=iso(item.at),
    )


def answer_text(reader: Reader, valid: bool | None, raw: str | None) -> str:  # noqa: FBT001  a field of the row
    """What stands instead of a score, or beside it."""
    if valid is None:
        return reader.gettext("Sin respuesta")
    if not valid:
        return reader.gettext("Respuesta fuera de la escala: «{raw}»").format(raw=raw or "")
    return ""


def score_of(reader: Reader, metric: str, value: float) -> Score | None:
    """A valid score by its metric's colours; an unknown metric has none."""
    return {"nps": pieces.nps, "csat": pieces.csat}.get(metric, _plain_score)(reader, value)


def _plain_score(reader: Reader, value: float) -> Score:
    return Score(reader.number(value), "fair", reader.number(value))
