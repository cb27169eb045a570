"""The filter form: what can be chosen, and what is."""

from collections.abc import Callable
from dataclasses import dataclass

from services.presentation import words
from services.presentation.reader import Reader
from services.query.pages.list import chips
from services.query.pages.list.page_query import (
    ENVIRONMENTS,
    HAS,
    PERIODS,
    STATUSES,
    DateFields,
    PageQuery,
    date_fields,
)
from services.readmodel.rows import Facets, FacetValue


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field."""

    value: str
    label: str
    chosen: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class FilterForm:
    """Every field of the form."""

    periods: tuple[Choice, ...]
    dates: DateFields
    chatbots: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    environments: tuple[Choice, ...]
    statuses: tuple[Choice, ...]
    assistants: tuple[Choice, ...]
    end_reasons: tuple[Choice, ...]
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
    more = (query.t, query.assistant, query.end_reason, query.period_of, *query.has)
    more_count = sum(1 for each in more if each) + bool(query.metric or query.score_min or query.score_max)

    def closed(values: tuple[str, ...], chosen: str, name: dict[str, str]) -> tuple[Choice, ...]:
        return tuple(Choice(value, name[value], value == chosen) for value in values)

    custom = bool(query.start or query.end)
    periods = [Choice("", chips.period_name(reader, ""), not query.period and not custom)]
    periods += [Choice(each, chips.period_name(reader, each), each == query.period) for each in PERIODS]
    periods.append(Choice("custom", _("Entre fechas…"), custom))
    return FilterForm(
        periods=tuple(periods),
        dates=date_fields(query),
        chatbots=_known(facets["chatbots"], query.chatbot, lambda value, name: name or value),
        channels=_known(facets["channels"], query.channel, lambda value, _name: words.channel(reader, value)),
        environments=closed(
            ENVIRONMENTS,
            query.environment,
            {each: words.environment(reader, each) for each in ENVIRONMENTS},
        ),
        statuses=closed(STATUSES, query.status, {"open": _("Abiertas"), "ended": _("Finalizadas")}),
        assistants=_known(facets["assistants"], query.assistant, lambda value, name: name or value),
        end_reasons=_known(
            facets["end_reasons"],
            query.end_reason,
            lambda value, _name: words.end_reason_choice(reader, value),
        ),
        periods_of=closed(
            ("activity", "ended"),
            query.period_of,
            {each: chips.period_of(reader, each) for each in ("activity", "ended")},
        ),
        metrics=closed(("nps", "csat"), query.metric, {"nps": "NPS", "csat": "CSAT"}),
        has=tuple(Choice(each, chips.has_name(reader, each), each in query.has) for each in HAS),
        score_min=query.score_min,
        score_max=query.score_max,
        text_search=text_search,
        more_open=more_count > 0,
        more_count=more_count,
    )


def names_of(facets: Facets) -> dict[str, str]:
    """Ids of chatbots and assistants with the names people know."""
    return {
        each.value: each.name
        for each in (*facets["chatbots"], *facets["assistants"])
        if each.value and each.name
    }


def _known(
    values: tuple[FacetValue, ...], chosen: str, label: Callable[[str, str | None], str]
) -> tuple[Choice, ...]:
    listed = [
        Choice(each.value, label(each.value, each.name), each.value == chosen)
        for each in values
        if each.value
    ]
    if chosen and all(each.value != chosen for each in listed):
        listed.append(Choice(chosen, label(chosen, None), chosen=True))
    return tuple(listed)
