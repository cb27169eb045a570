"""The transcript as a value: what it says, in reading order, before any layout engine has touched it."""

from msgspec import Struct

from services.export.printable import Run


class Line(Struct, frozen=True, kw_only=True):
    """One thing that stands in the transcript: a bubble (`in`, `out`, `note`) or a `mark` across the page."""

    kind: str
    time: str
    sender: str = ""
    role: str = ""  # what the sender is, where the name does not say it
    label: str = ""  # HSM and its template's name, or what kind of note this is
    quote: str = ""
    files: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    right_to_left: bool = False  # by the first letter that has a direction
    footer: str = ""  # delivery, edits, reactions


class Day(Struct, frozen=True):
    """The lines of one local day."""

    label: str
    lines: tuple[Line, ...]


class Fact(Struct, frozen=True):
    """A label with its value."""

    label: str
    value: str


class Survey(Struct, frozen=True):
    """An evaluation: `score` with its scale, or what was answered instead."""

    metric: str
    question: str
    score: str
    comment: str


class Transcript(Struct, frozen=True, kw_only=True):
    """The whole document. `notice` stands on the first page when something must be known.

    `origin` says who asked, when, with which clock; `made` is the same in one line, for every page.
    """

    title: str
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
