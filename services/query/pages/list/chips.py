"""What is being asked, in words: one removable chip a condition."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from babel.dates import format_datetime

from services.presentation import words
from services.presentation.reader import Reader
from services.query.pages.list.page_query import PageQuery
from services.readmodel.fields.field import (
    ClosedWords,
    ContactSearch,
    Has,
    ListHolds,
    MessageSearch,
    OneOf,
    Scored,
    Within,
)
from services.readmodel.fields.questions import Question


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition and the address of the list without it."""

    label: str
    value: str
    remove_url: str


def chips(
    reader: Reader, query: PageQuery, *, box: str, text: str, names: Mapping[str, str]
) -> tuple[Chip, ...]:
    """The chips of a state; `box` and `text` are the kept terms, `names` maps ids of bots to names."""
    terms = {"q": box, "text": text}
    found = (
        chip for question in query.fields.questions for chip in _chips(reader, query, question, terms, names)
    )
    return tuple(Chip(label, value, rest.url) for label, value, rest in found if value)


def _chips(
    reader: Reader,
    query: PageQuery,
    question: Question,
    terms: Mapping[str, str],
    names: Mapping[str, str],
) -> Iterator[tuple[str, str, PageQuery]]:
    """Label, value and the state without it of each condition of one question; an empty value is not asked."""
    _, field = reader.gettext, question.field
    label = _(field.chip or field.label)
    match question.ask:
        case ContactSearch():
            yield label, terms[field.name], replace(query, s="")
        case MessageSearch():
            yield label, terms[field.name], replace(query, t="")
        case Within():
            rest = replace(query.without("period_of"), period="", start="", end="")
            yield period_of(reader, question, query.value("period_of")), _period(reader, query), rest
        case OneOf() | ListHolds() | ClosedWords():
            value = query.value(field.name)
            called = names.get(value) if field.named else None
            shown = called or words.field_value(reader, field.name, value)
            yield label, shown, query.without(field.name)
        case Scored():
            yield _("Nota"), _score(reader, query), query.without(*question.parameters)
        case Has():
            for word in query.has:
                rest = replace(query, has=tuple(other for other in query.has if other != word))
                yield _("Con"), _(question.words[word].label), rest
        case _:
            assert_never(question.ask)


def period_of(reader: Reader, question: Question, value: str) -> str:
    """Which of a conversation's times the period is about."""
    return reader.gettext(question.words.get(value, question.field).label)


def period_name(reader: Reader, value: str) -> str:
    """A ready-made period."""
    _ = reader.gettext
    known = {
        "today": _("Hoy"),
        "yesterday": _("Ayer"),
        "7d": _("Últimos 7 días"),
        "30d": _("Últimos 30 días"),
    }
    return known.get(value, _("Todo el tiempo"))


def _period(reader: Reader, query: PageQuery) -> str:
    if query.period:
        return period_name(reader, query.period)
    start, end = _when(reader, query.start), _when(reader, query.end)
    if start and end:
        return reader.gettext("de {start} a {end}").format(start=start, end=end)
    if start:
        return reader.gettext("desde {start}").format(start=start)
    return reader.gettext("hasta {end}").format(end=end) if end else ""


def _when(reader: Reader, local: str) -> str:
    if not local:
        return ""
    moment = datetime.fromisoformat(local)
    return format_datetime(moment, reader.gettext("d MMM y, HH:mm"), locale=reader.locale)


def _score(reader: Reader, query: PageQuery) -> str:
    low, high = query.value("score_min"), query.value("score_max")
    metric = query.value("metric")
    name = metric.upper() or "NPS/CSAT"
    if low and high:
        return f"{name} {low}–{high}"
    if low:
        return f"{name} ≥ {low}"
    if high:
        return f"{name} ≤ {high}"
    return name if metric else ""
