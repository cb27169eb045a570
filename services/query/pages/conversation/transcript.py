"""A conversation's history as entries a template draws: what presentation says of it, with icons, clocks and anchors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.presentation import entries
from services.presentation.entries import read_history
from services.presentation.marks import Node
from services.presentation.messages import Message
from services.presentation.parts import States
from services.presentation.reader import Reader, iso
from services.presentation.scores import Score
from services.query.pages.conversation.bubbles import Bubble, bubble
from services.readmodel.rows import HistoryEntry

_ICONS = {
    "day": "",
    "silence": "clock-pause",
    "started": "flag",
    "expired": "ban",
    "ended": "player-stop",
    "transfer": "arrows-exchange",
}
_OTHER_ICON = "info-circle"
"""Of a kind of marker that needs no icon of its own."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A line across the transcript; `kind` is that of presentation's marker."""

    kind: str
    text: tuple[Node, ...]
    icon: str
    clock: str
    clock_iso: str
    detail: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """An evaluation where it was asked: the question, and the answer if there is one."""

    title: str
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
    customer: str,
    states: States,
    urls: Mapping[str, str],
) -> tuple[Entry, ...]:
    """The entries of one page of history. `urls` are the addresses of the files that we hold, by file id."""
    read = read_history(reader, items, customer=customer, states=states, today=today)
    return tuple(_entry(reader, each, urls) for each in read)


def _entry(reader: Reader, entry: entries.Entry, urls: Mapping[str, str]) -> Entry:
    match entry:
        case Message():
            return bubble(reader, entry, urls)
        case entries.Survey():
            return Survey(
                title=entry.title,
                question=entry.question,
                score=entry.score,
                answer=entry.answer,
                comment=entry.comment,
                clock=reader.clock(entry.at),
                clock_iso=iso(entry.at),
            )
        case entries.Marker():
            return Marker(
                kind=entry.kind,
                text=entry.text,
                icon=_ICONS.get(entry.kind, _OTHER_ICON),
                clock="" if entry.at is None else reader.clock(entry.at),
                clock_iso="" if entry.at is None else iso(entry.at),
                detail=entry.detail,
            )
