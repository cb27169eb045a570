"""From the words of a request to a ConversationFilter, with every problem named at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Literal, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from services.readmodel.conversation_filter import ConversationFilter, filter_type
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
from services.readmodel.search import query_problem

EVERY = "all"
"""Said for a closed set of which one word may be asked: any of them."""

_MOST_VALUES = 50
_LONGEST_VALUE = 256
_LONGEST_TEXT = 200
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
"""Beyond them sums of times overflow, here or in a sort key."""

Parameters = Mapping[str, Sequence[str]]
"""Every value given for a name, in order; `parameters_of` makes it from pairs."""


class Problem(Struct, frozen=True):
    """One thing wrong with a request; `code` is stable, `message` is for people who read English."""

    parameter: str
    code: Literal["unknown_parameter", "not_allowed", "not_a_time", "not_a_number", "repeated",
                  "too_short", "too_long", "too_many", "empty_range", "unknown_timezone", "bad_cursor",
                  "missing"]  # fmt: skip
    message: str


class BadFilter(Exception):  # noqa: N818 - a refusal, named as one
    """The request's words make no filter; `problems` holds every one of them, the first is also at hand."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        self.parameter = problems[0].parameter
        self.code = problems[0].code
        self.message = problems[0].message
        super().__init__("; ".join(f"{problem.parameter}: {problem.message}" for problem in problems))


def parameters_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Groups the pairs of a query string by name: `parameters_of(request.query.items())`."""
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def zone_of(name: str) -> ZoneInfo | None:
    """The IANA time zone of this name, None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def parse_filter(params: Parameters, *, timezone: str, fields: Fields = FIELDS) -> ConversationFilter:
    """Reads the filter out of request parameters; empty values count as absent.

    `timezone` (IANA) is where dates and times without an offset are, unless the parameter `timezone` names
    another. Lists are given by repeating a name; lists of closed words also take commas. Unknown names are
    refused: a misspelt filter must not widen a search. Raises BadFilter.
    """
    reader = _Reader(params, timezone)
    for name in reader.params:
        if name not in fields.parameters:
            reader.refuse(name, "unknown_parameter", "is not a parameter here")
    found: dict[str, object] = {}
    for question in fields.questions:
        found |= _answer(reader, question)
    found["sort"] = reader.word("sort", fields.sorts) or fields.sorts[0]
    if reader.problems:
        raise BadFilter(*reader.problems)
    made: ConversationFilter = filter_type(fields)(**found)
    return made


def _answer(reader: "_Reader", question: Question) -> dict[str, object]:
    """What the request says to one question, by attributes of the filter."""
    words = tuple(question.words)
    match question.ask:
        case OneOf(attribute=name, commas=commas):
            return {name: reader.names(question.field.name, commas=commas)}
        case ListHolds(attribute=name):
            return {name: reader.names(question.field.name)}
        case ClosedWords(attribute=name, several=several):
            allowed = question.field.codes.words()
            if several:
                return {name: reader.words(question.field.name, allowed)}
            chosen = reader.words(question.field.name, (*allowed, EVERY))
            return {name: chosen[0] if len(chosen) == 1 and chosen[0] != EVERY else None}
        case Has():
            aliases = {
                alias: word
                for word, field in question.words.items()
                if isinstance(field.ask, Has)
                for alias in field.ask.aliases
            }
            return {"has": reader.words("has", sorted(words), aliases)}
        case Within():
            return reader.period() | {"period_of": reader.word("period_of", words) or words[0]}
        case Scored():
            return reader.bounds() | {"metric": reader.word("metric", words)}
        case ContactSearch():
            return {question.field.name: reader.query(question.field.name)}
        case MessageSearch():
            return {question.field.name: reader.text(question.field.name)}
        case _:
            assert_never(question.ask)


class _Reader:
    """The words of a request as values; what they cannot mean is kept in `problems`."""

    def __init__(self, params: Parameters, timezone: str) -> None:
        self.params = {
            name: [value.strip() for value in values if value.strip()] for name, values in params.items()
        }
        self.problems: list[Problem] = []
        self.zone = self._zone(timezone)

    def period(self) -> dict[str, object]:
        """The parameters `from` and `to`."""
        start, end = self._moment("from"), self._moment("to")
        if start is not None and end is not None and start >= end:
            self.refuse("to", "empty_range", "must be after `from`")
        return {"from_": start, "to": end}

    def bounds(self) -> dict[str, object]:
        """The parameters `score_min` and `score_max`."""
        low, high = self._number("score_min"), self._number("score_max")
        if low is not None and high is not None and low > high:
            self.refuse("score_max", "empty_range", "must not be below `score_min`")
        return {"score_min": low, "score_max": high}

    def _zone(self, default: str) -> ZoneInfo:
        name = self._one("timezone") or default
        zone = zone_of(name)
        if zone is None:
            self.refuse("timezone", "unknown_timezone", "is not an IANA time zone")
            return ZoneInfo("UTC")
        return zone

    def refuse(self, parameter: str, code: str, message: str) -> None:
        self.problems.append(Problem(parameter[:60], code, message))  # type: ignore[arg-type]  # from the Literal

    def _one(self, name: str) -> str | None:
        values = self.params.get(name, [])
        if len(set(values)) > 1:
            self.refuse(name, "repeated", "may be given once only")
        if values and len(values[0]) > _LONGEST_VALUE:
            self.refuse(name, "too_long", f"may have {_LONGEST_VALUE} characters")
            return None
        return values[0] if values else None

    def names(self, name: str, *, commas: bool = False) -> tuple[str, ...]:
        values = self.params.get(name, [])
        if commas:
            values = [piece.strip() for value in values for piece in value.split(",") if piece.strip()]
        if len(values) > _MOST_VALUES:
            self.refuse(name, "too_many", f"may be given {_MOST_VALUES} times")
        if any(len(value) > _LONGEST_VALUE for value in values):
            self.refuse(name, "too_long", f"may have {_LONGEST_VALUE} characters")
        return tuple(sorted(set(values)))

    def words(
        self, name: str, allowed: Sequence[str], aliases: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[str, ...]:
        words = {aliases.get(word, word) for word in self.names(name, commas=True)}
        for word in sorted(words.difference(allowed)):
            self.refuse(name, "not_allowed", f"{word[:40]!r} is none of {', '.join(allowed)}")
        return tuple(sorted(words))

    def word(self, name: str, allowed: Sequence[str]) -> str | None:
        word = self._one(name)
        if word is not None and word not in allowed:
            self.refuse(name, "not_allowed", f"must be one of {', '.join(allowed)}")
        return word

    def _number(self, name: str) -> float | None:
        text = self._one(name)
        if text is None:
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not abs(number) < 1e9:  # refuses nan and infinity too
            self.refuse(name, "not_a_number", "must be a number")
            return None
        return number

    def text(self, name: str) -> str | None:
        text = self._one(name)
        if text is not None and len(text) > _LONGEST_TEXT:
            self.refuse(name, "too_long", f"may have {_LONGEST_TEXT} characters")
        if text is not None and "\x00" in text:
            self.refuse(name, "not_allowed", "must not hold U+0000")
        return text

    def query(self, name: str) -> str | None:
        text = self.text(name)
        if text is not None and (problem := query_problem(text)) is not None:
            self.refuse(name, "too_short", problem)
        return text

    def _moment(self, name: str) -> datetime | None:
        text = self._one(name)
        if text is None:
            return None
        try:
            moment = (
                datetime.combine(date.fromisoformat(text), time.min)
                if len(text) == len("2026-03-01")
                else datetime.fromisoformat(text.replace(" ", "+") if text[-6:-5] == " " else text)
            )
            utc = (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            utc = None
        if utc is None or not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
            self.refuse(name, "not_a_time", "must be a date or an RFC 3339 time")
            return None
        return utc
