"""Which conversations are meant: a value that list, count, CSV, PDF and API share."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, assert_never

import msgspec
from msgspec import Struct

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

ABOUT = """What to look for; an empty tuple or None leaves that field free. As JSON it is the `filter` of an export.

Values of one field are alternatives, fields add up. The period includes `from_` and excludes `to`, both aware. Score
bounds without a metric mean either metric.
"""

Attribute = tuple[str, Any, Any]
"""Name, type and value when free."""


@lru_cache
def filter_type(fields: Fields) -> type[Any]:
    """The type of filters over these fields: frozen, by keyword, its JSON without what is free."""
    attributes = [each for question in fields.questions for each in _attributes(question)]
    attributes.append(("sort", _one_of(fields.sorts), fields.sorts[0]))
    made: type[Any] = msgspec.defstruct(
        "ConversationFilter", attributes, namespace={"__doc__": ABOUT}, module=__name__, rename={"from_": "from"},
        frozen=True, kw_only=True, omit_defaults=True,
    )  # fmt: skip
    return made


def _attributes(question: Question) -> Iterator[Attribute]:
    words = _one_of(tuple(question.words))
    match question.ask:
        case OneOf(attribute=name) | ListHolds(attribute=name):
            yield name, tuple[str, ...], ()
        case ClosedWords(attribute=name, several=several):
            word = _one_of(question.field.codes.words())
            yield (name, _any_of(word), ()) if several else (name, word | None, None)
        case Has():
            yield "has", _any_of(words), ()
        case Within():
            yield from (("from_", datetime | None, None), ("to", datetime | None, None))
            yield "period_of", words, next(iter(question.words))
        case Scored():
            yield from (("score_min", float | None, None), ("score_max", float | None, None))
            yield "metric", words | None, None
        case ContactSearch() | MessageSearch():
            yield question.field.name, str | None, None
        case _:
            assert_never(question.ask)


def _one_of(words: tuple[str, ...]) -> Any:
    kind: Any = Literal
    return kind[words] if words else str


def _any_of(word: Any) -> Any:
    kind: Any = tuple
    return kind[word, ...]


if TYPE_CHECKING:

    class ConversationFilter(Struct, frozen=True, kw_only=True):
        """What every filter has, whatever the fields are; the attributes of single fields are read by their name."""

        q: str | None
        text: str | None
        from_: datetime | None
        to: datetime | None
        period_of: Literal["started", "activity", "ended"]
        sort: Literal["started", "activity"]

        def __init__(self, **values: Any) -> None: ...
        def __getattr__(self, name: str) -> Any: ...

else:
    ConversationFilter = filter_type(FIELDS)
