"""What can be asked about conversations: one question a field, or one for all fields that share its parameters."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from services.readmodel.fields.field import Ask, Field, Has, Scored, Within

_SHARED: Mapping[type, tuple[str, ...]] = {
    Has: ("has",),
    Within: ("from", "to", "period_of"),
    Scored: ("metric", "score_min", "score_max"),
}
"""Parameters of the questions that several fields share."""


class Question(Struct, frozen=True):
    """One question: its parameters, how it is asked, and the fields it is about, more than one where they share it."""

    parameters: tuple[str, ...]
    ask: Ask
    fields: tuple[Field, ...]

    @property
    def field(self) -> Field:
        """The field of a question about one."""
        return self.fields[0]

    @property
    def words(self) -> Mapping[str, Field]:
        """The fields of a shared question by the words that choose them."""
        return {each.ask.word: each for each in self.fields if isinstance(each.ask, Has | Within | Scored)}


class Fields:
    """The fields, in the order in which forms and answers show them, and what follows from them.

    `sorts` are the words of `sort`; `parameters` are all of a filter: `sort` orders what it finds, `timezone` says where
    its times are. Facets and columns come with their rows, columns by their places.
    Raises ValueError where two rows claim one name or one place.
    """

    def __init__(self, rows: Sequence[Field]) -> None:
        self.rows = tuple(rows)
        self.questions = _questions(self.rows)
        self.sorts = tuple(row.ask.word for row in self.rows if isinstance(row.ask, Within) and row.ask.sorts)
        asked = (name for each in self.questions for name in each.parameters)
        self.parameters = (*asked, "sort", "timezone")
        self.facets = tuple((row, row.facet) for row in self.rows if row.facet is not None)
        columns = [(row, row.column) for row in self.rows if row.column is not None]
        self.columns = tuple(sorted(columns, key=lambda each: each[1].place))
        _refuse_twins("field", [row.name for row in self.rows])
        _refuse_twins("parameter", self.parameters)
        _refuse_twins("facet", [facet.name for _, facet in self.facets])
        _refuse_twins("column", [column.name for _, column in self.columns])
        if [column.place for _, column in self.columns] != list(range(1, len(self.columns) + 1)):
            raise ValueError("the places of columns do not count from 1")


def _questions(rows: Sequence[Field]) -> tuple[Question, ...]:
    asked: dict[object, list[Field]] = {}
    for row in rows:
        if row.ask is not None:
            asked.setdefault(type(row.ask) if type(row.ask) in _SHARED else row.name, []).append(row)
    return tuple(_question(fields) for fields in asked.values())


def _question(fields: Sequence[Field]) -> Question:
    ask = fields[0].ask
    assert ask is not None, "only fields that can be asked for come here"
    return Question(_SHARED.get(type(ask), (fields[0].name,)), ask, tuple(fields))


def _refuse_twins(what: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two rows claim the {what} {name}")
