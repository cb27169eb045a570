"""The transcript as a value: what it says, in reading order, before any layout engine has touched it."""

from typing import Literal

from msgspec import Struct

from services.export.printable import Run


class Fact(Struct, frozen=True):
    """A label with its value; the label may be empty."""

    label: str
    value: str


class Piece(Struct, frozen=True, kw_only=True):
    """One thing that a line holds.

    `text` and `choice` have `runs`; `card` (file, place, contact, form, order, call) has a title, a detail and `rows`;
    `options` has a row for each thing to tap; `notice` has `runs` in a softer voice.
    """

    kind: Literal["text", "choice", "card", "options", "notice"]
    runs: tuple[Run, ...] = ()
    right_to_left: bool = False  # by the first letter that has a direction
    title: str = ""
    detail: str = ""
    rows: tuple[Fact, ...] = ()


class Line(Struct, frozen=True, kw_only=True):
    """One thing that stands in the transcript: a bubble (`in`, `out`, `note`) or a `mark` across the page."""

    kind: str
    time: str
    sender: str = ""
    role: str = ""  # what the sender is, where the name does not say it
    label: str = ""  # HSM and its template's name
    quote: str = ""
    pieces: tuple[Piece, ...] = ()
    footer: str = ""  # delivery, edits, reactions


class Day(Struct, frozen=True):
    """The lines of one local day."""

    label: str
    lines: tuple[Line, ...]


class Survey(Struct, frozen=True):
    """An evaluation: `score` with its scale, or what was answered instead."""

    metric: str
    question: str
    score: str
    comment: str


class Headings(Struct, frozen=True, kw_only=True):
    """The words that the layout itself needs."""

    conversation: str
    customer: str
    evaluation: str
    files: str


class Transcript(Struct, frozen=True, kw_only=True):
    """The whole document. `notice` stands on the first page when something must be known.

    `origin` says who asked, when, with which clock; `made` is the same in one line, for every page. `language` is the
    code that screen readers are told, `region` whose use of it is meant, where that differs.
    """

    language: str
    region: str | None
    title: str
    headings: Headings
    account: str
    conversation_id: str
    zone: str
    state: str
    is_open: bool
    made: str
    notice: str
    origin: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    customer: tuple[Fact, ...]
    surveys: tuple[Survey, ...]
    files: tuple[Fact, ...]
    days: tuple[Day, ...]
    part: str = ""
