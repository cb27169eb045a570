"""The fields of a conversation as the description of the API shows them."""

from collections.abc import Iterator
from typing import Any, assert_never

import msgspec

from services.query.api.operations import Parameter
from services.readmodel.fields.conversation import FIELDS
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
from services.readmodel.fields.questions import Fields, Question
from services.readmodel.parameters import EVERY
from services.readmodel.rows import FacetValue

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}


def words(*allowed: str, default: str | None = None) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(allowed), **({"default": default} if default else {})}


def filter_parameters(fields: Fields = FIELDS) -> tuple[Parameter, ...]:
    """Every parameter of a filter, in the order of the fields, with the order and the zone behind them."""
    zone = Parameter("timezone", "IANA zone of times without an offset; the account's without it.", TEXT)
    sort = Parameter(
        "sort",
        "Newest start or newest activity first.",
        words(*fields.sorts, default=fields.sorts[0]),
    )
    return (*(each for question in fields.questions for each in _parameters(question)), zone, sort)


def facets_type(fields: Fields = FIELDS) -> type[Any]:
    """The type of the facets' answer."""
    about = "Values with counts, most frequent first, at most 50 each; counted over what the filter leaves."
    made: type[Any] = msgspec.defstruct(
        "Facets",
        [(facet.name, tuple[FacetValue, ...]) for _, facet in fields.facets],
        namespace={"__doc__": about},
        module=__name__,
    )
    return made


def _parameters(question: Question) -> Iterator[Parameter]:
    field, chosen = question.field, tuple(question.words)
    match question.ask:
        case OneOf() | ListHolds():
            yield Parameter(field.name, field.about, _list_of(TEXT))
        case ClosedWords(several=several):
            allowed = field.codes.words()
            yield Parameter(
                field.name, field.about, _list_of(words(*allowed)) if several else words(*allowed, EVERY)
            )
        case Has():
            yield Parameter("has", "What it must have, all of them.", _list_of(words(*sorted(chosen))))
        case Within():
            yield Parameter("from", "Start of the period, included: a date or an RFC 3339 time.", TEXT)
            yield Parameter("to", "End of the period, excluded: a date or an RFC 3339 time.", TEXT)
            yield Parameter("period_of", "What the period is about.", words(*chosen, default=chosen[0]))
        case Scored():
            about = "Which score; either without it. Alone: conversations that have one."
            yield Parameter("metric", about, words(*chosen))
            yield Parameter("score_min", "Lowest score.", _NUMBER)
            yield Parameter("score_max", "Highest score.", _NUMBER)
        case ContactSearch() | MessageSearch():
            yield Parameter(field.name, field.about, TEXT)
        case _:
            assert_never(question.ask)


def _list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}
