"""The filter form: what can be chosen, and what is."""

from dataclasses import dataclass

from services.presentation import words
from services.presentation.reader import Reader
from services.query.pages.list import chips
from services.query.pages.list.page_query import PERIODS, DateFields, PageQuery, date_fields
from services.readmodel.fields.field import ClosedWords, Field, Has, ListHolds, OneOf, Scored, Within
from services.readmodel.fields.questions import Question
from services.readmodel.rows import Facets, FacetValue

FIRST = ("chatbot", "channel", "environment", "status")
"""What most people filter by stands in the first row; every other field comes under "more"."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field."""

    value: str
    label: str
    chosen: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Picker:
    """A field of which one value can be chosen; `unasked` is what it says while none is."""

    label: str
    name: str
    choices: tuple[Choice, ...]
    unasked: str


@dataclass(frozen=True, slots=True)
class FilterForm:
    """Every field of the form."""

    periods: tuple[Choice, ...]
    dates: DateFields
    first: tuple[Picker, ...]
    more: tuple[Picker, ...]
    periods_of: tuple[Choice, ...]
    metrics: tuple[Choice, ...]
    has: tuple[Choice, ...]
    score_min: str
    score_max: str
    text_search: bool
    more_open: bool
    more_count: int


def filter_form(reader: Reader, query: PageQuery, facets: Facets, *, text_search: bool) -> FilterForm:
    """The form for a state; values come from what the account has, and a chosen one is always there."""
    _ = reader.gettext
    questions = query.fields.questions
    own = [each for each in questions if isinstance(each.ask, OneOf | ListHolds | ClosedWords)]
    within = [each for each in questions if isinstance(each.ask, Within)]
    scored = [each for each in questions if isinstance(each.ask, Scored)]
    more_count = _more_count(query, scored)
    return FilterForm(
        periods=_periods(reader, query),
        dates=date_fields(query),
        first=tuple(_picker(reader, query, each.field, facets) for each in own if each.field.name in FIRST),
        more=tuple(
            _picker(reader, query, each.field, facets) for each in own if each.field.name not in FIRST
        ),
        periods_of=tuple(
            Choice(word, chips.period_of(reader, each, word), word == query.value("period_of"))
            for each in within
            for word in tuple(each.words)[1:]
        ),
        metrics=tuple(
            Choice(word, field.label, word == query.value("metric"))
            for each in scored
            for word, field in each.words.items()
        ),
        has=tuple(
            Choice(word, _(field.label), word in query.has)
            for each in questions
            if isinstance(each.ask, Has)
            for word, field in each.words.items()
        ),
        score_min=query.value("score_min"),
        score_max=query.value("score_max"),
        text_search=text_search,
        more_open=more_count > 0,
        more_count=more_count,
    )


def names_of(facets: Facets) -> dict[str, str]:
    """Ids of chatbots and assistants with the names people know."""
    return {
        each.value: each.name for counted in facets.values() for each in counted if each.value and each.name
    }


def _more_count(query: PageQuery, scored: list[Question]) -> int:
    """How many conditions stand under "more"; a score is one, however many bounds it has."""
    scores = {name for each in scored for name in each.parameters}
    others = [name for name in query.asked if name not in scores and name not in FIRST]
    return bool(query.t) + len(others) + len(query.has) + any(name in scores for name in query.asked)


def _periods(reader: Reader, query: PageQuery) -> tuple[Choice, ...]:
    custom = bool(query.start or query.end)
    return (
        Choice("", chips.period_name(reader, ""), not query.period and not custom),
        *(Choice(each, chips.period_name(reader, each), each == query.period) for each in PERIODS),
        Choice("custom", reader.gettext("Entre fechas…"), custom),
    )


def _picker(reader: Reader, query: PageQuery, field: Field, facets: Facets) -> Picker:
    """A closed set offers all of its words, any other field what the account has and what is chosen."""
    _, chosen = reader.gettext, query.value(field.name)
    values: tuple[FacetValue, ...] = ()
    if isinstance(field.ask, ClosedWords):
        values = tuple(FacetValue(word, None, 0) for word in field.codes.words())
    elif field.facet is not None:
        values = facets[field.facet.name]
    if chosen and all(each.value != chosen for each in values):
        values = (*values, FacetValue(chosen, None, 0))
    choices = tuple(
        Choice(
            each.value, each.name or words.field_choice(reader, field.name, each.value), each.value == chosen
        )
        for each in values
        if each.value
    )
    return Picker(_(field.label), field.name, choices, _(field.unasked))
