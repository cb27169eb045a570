"""How a subject's table stands to its states: each column is named once, and everything else follows from the names."""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from msgspec import Struct

S = TypeVar("S")

_ARRAYS = re.compile(r"unnest\((?P<arrays>.*?)\)\s+AS\s+\w+\s+\((?P<names>[^)]*)\)", re.DOTALL)


class Table(Generic[S]):
    """A table by its name, and by each column the attribute of a state that it keeps; `totals.nps` reaches inside."""

    def __init__(self, name: str, columns: Mapping[str, str]) -> None:
        self.name = name
        self.columns = tuple(columns)
        self._attributes = columns

    @classmethod
    def of(cls, name: str, row: type[Struct]) -> "Table[S]":
        """A table whose columns are the fields of a struct."""
        return cls(name, {field: field for field in row.__struct_fields__})

    def values(self, columns: Sequence[str]) -> Callable[[S], tuple[Any, ...]]:
        """What reads the values of two or more of these columns off a state, in this order. Raises KeyError."""
        return attrgetter(*(self._attributes[column] for column in columns))


def parameters(statement: str) -> tuple[str, ...]:
    """The columns that a statement wants as arrays, in the order of its parameters: the names it gives to `unnest`."""
    match = _ARRAYS.search(statement)
    if match is None:
        raise ValueError(f"no arrays with names: {statement}")
    names = tuple(name.strip() for name in match["names"].split(","))
    if match["arrays"].count("$") != len(names):
        raise ValueError(f"as many arrays as names: {statement}")
    return names
