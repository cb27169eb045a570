"""What the list page is asked, as it stands in the address. Never personal data: those are under ids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, Self, assert_never
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

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

PERIODS = ("today", "yesterday", "7d", "30d")
_LONGEST = 120


class Source(Protocol):
    """A query or a posted form: one value, or all of a name."""

    def get(self, key: str, default: str, /) -> object: ...
    def getall(self, key: str, default: Sequence[str], /) -> Sequence[object]: ...


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What the list is asked. Empty text: not asked.

    `s` and `t` are ids of kept terms (customer box, text in messages). `start` and `end` are local
    `YYYY-MM-DDTHH:MM`, start included, end excluded; they stand only when `period` is empty. `asked` has every other
    parameter of `fields` that has one value, by its name, without those that are not asked.
    """

    s: str = ""
    t: str = ""
    period: str = ""
    start: str = ""
    end: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)
    has: tuple[str, ...] = ()
    fields: Fields = field(default=FIELDS, compare=False, repr=False)

    @classmethod
    def parse(cls, source: Source, fields: Fields = FIELDS) -> Self:
        """The state in an address. What cannot be meant is left out, so an old link still opens."""
        period = _one_of(_text(source, "period"), PERIODS)
        pairs = [pair for question in fields.questions for pair in _values(question, source)]
        return cls(
            s=_text(source, "s"),
            t=_text(source, "t"),
            period=period,
            start="" if period else _local(_text(source, "from")),
            end="" if period else _local(_text(source, "to")),
            asked={name: value for name, value in pairs if value and name != "has"},
            has=tuple(value for name, value in pairs if name == "has"),
            fields=fields,
        )

    def value(self, name: str) -> str:
        """What is asked of a parameter with one value."""
        return self.asked.get(name, "")

    def without(self, *names: str) -> Self:
        """The same without what is asked of these parameters."""
        return replace(self, asked={name: value for name, value in self.asked.items() if name not in names})

    @property
    def address(self) -> str:
        """The state as a query string without what is not asked; the same state, the same text."""
        pairs = [
            ("s", self.s),
            ("t", self.t),
            ("period", self.period),
            ("from", self.start),
            ("to", self.end),
        ]
        pairs += sorted(self.asked.items(), key=lambda pair: self.fields.parameters.index(pair[0]))
        pairs += [("has", each) for each in self.has]
        return urlencode([pair for pair in pairs if pair[1]])

    @property
    def url(self) -> str:
        """The list's address in this state."""
        return f"/?{self.address}" if self.address else "/"

    def parameters(self, *, box: str, text: str, zone: ZoneInfo, now: datetime) -> dict[str, list[str]]:
        """The state as parameters of the filter compiler, with the kept terms and instants filled in."""
        start, end = self.bounds(zone, now)
        values = {name: [value] for name, value in self.asked.items()}
        values |= {"q": [box], "text": [text], "has": list(self.has)}
        values["from"] = [start.isoformat()] if start else []
        values["to"] = [end.isoformat()] if end else []
        return values

    def between(self, start: datetime, end: datetime, zone: ZoneInfo) -> Self:
        """The same, narrowed to a stretch of time."""
        local = [moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for moment in (start, end)]
        return replace(self, period="", start=local[0], end=local[1])

    def bounds(self, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, datetime | None]:
        """The period as instants in UTC, start included, end excluded; None: unbounded."""
        today = now.astimezone(zone).date()
        days = {"today": (0, 1), "yesterday": (-1, 0), "7d": (-6, 1), "30d": (-29, 1)}
        if self.period:
            first, last = days[self.period]
            return _midnight(today + timedelta(first), zone), _midnight(today + timedelta(last), zone)
        return _instant(self.start, zone), _instant(self.end, zone)


@dataclass(frozen=True, slots=True)
class Asked:
    """A posted filter form: the state, the two terms to keep under ids, and what is wrong with it."""

    query: PageQuery
    box: str
    text: str
    period_ends_before_it_starts: bool


def parse_form(form: Source, fields: Fields = FIELDS) -> Asked:
    """The filter form. Whole days may be given without times: the last day is then included."""
    period = _text(form, "period")
    start = end = ""
    if period not in PERIODS:
        start = _joined(_text(form, "from_date"), _text(form, "from_time"), days=0)
        end = _joined(_text(form, "to_date"), _text(form, "to_time"), days=1)
    query = replace(
        PageQuery.parse(form, fields),
        s="",
        t="",
        period=_one_of(period, PERIODS),
        start=start,
        end=end,
    )
    return Asked(
        query=query,
        box=_text(form, "q", longest=200),
        text=_text(form, "text", longest=200),
        period_ends_before_it_starts=bool(start and end and end <= start),
    )


@dataclass(frozen=True, slots=True)
class DateFields:
    """What the four date and time inputs hold."""

    from_date: str
    from_time: str
    to_date: str
    to_time: str


def date_fields(query: PageQuery) -> DateFields:
    """The inputs of a state: a whole last day shows as that day, not as the next midnight."""
    from_date, _, from_time = query.start.partition("T")
    to_date, _, to_time = query.end.partition("T")
    if to_time == "00:00":
        to_date, to_time = (date.fromisoformat(to_date) - timedelta(1)).isoformat(), ""
    return DateFields(from_date, "" if from_time == "00:00" else from_time, to_date, to_time)


def _values(question: Question, source: Source) -> Iterator[tuple[str, str]]:
    """What an address asks of one question, in the order of its parameters; terms and bounds of periods stand apart."""
    name, words = question.field.name, tuple(question.words)
    match question.ask:
        case OneOf() | ListHolds():
            yield name, _text(source, name)
        case ClosedWords():
            yield name, _one_of(_text(source, name), question.field.codes.words())
        case Has():
            chosen = source.getall("has", ())
            yield from (("has", word) for word in words if word in chosen)
        case Within():
            yield "period_of", _one_of(_text(source, "period_of"), words[1:])
        case Scored():
            yield "metric", _one_of(_text(source, "metric"), words)
            yield from ((bound, _score(_text(source, bound))) for bound in ("score_min", "score_max"))
        case ContactSearch() | MessageSearch():
            return
        case _:
            assert_never(question.ask)


def _text(source: Source, name: str, *, longest: int = _LONGEST) -> str:
    value = source.get(name, "")
    return value.strip()[:longest] if isinstance(value, str) else ""


def _one_of(value: str, allowed: Sequence[str]) -> str:
    return value if value in allowed else ""


def _score(value: str) -> str:
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        return ""
    return f"{number:g}" if 0 <= number <= 10 else ""


def _local(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M") if 1970 <= moment.year <= 9000 else ""


def _joined(day: str, clock: str, *, days: int) -> str:
    try:
        moment = datetime.combine(date.fromisoformat(day), time())
        moment = (
            datetime.combine(moment, time.fromisoformat(clock)) if clock else moment + timedelta(days=days)
        )
    except (ValueError, OverflowError):
        return ""
    return _local(moment.isoformat())


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _instant(local: str, zone: ZoneInfo) -> datetime | None:
    return datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC) if local else None
