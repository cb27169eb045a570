"""Statements over states: values are handed over and read by the names of their columns."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar

import asyncpg

from services.chassis.keyed import execute_keyed
from services.chassis.postgres import Connection
from services.ingest.projection.table import Table, parameters

S = TypeVar("S")


class Write(Generic[S]):
    """A statement that takes one array a column; it is given those columns that it names."""

    def __init__(self, table: Table[S], statement: str) -> None:
        self._statement = statement
        self._values = table.values(parameters(statement))

    async def __call__(self, conn: Connection, states: Iterable[S]) -> None:
        """Runs it for these states; nothing when there are none."""
        await execute_keyed(conn, self._statement, map(self._values, states))


class Copy(Generic[S]):
    """COPY of new rows: all columns of a table, or those named; the others get their defaults."""

    def __init__(self, table: Table[S], columns: Sequence[str] | None = None) -> None:
        self._table = table.name
        self._columns = table.columns if columns is None else columns
        self._values = table.values(self._columns)

    async def __call__(self, conn: Connection, states: Iterable[S]) -> None:
        """Copies these states; nothing when there are none."""
        records = [self._values(state) for state in states]
        if records:
            await conn.copy_records_to_table(self._table, records=records, columns=self._columns)


def reader(make: Callable[..., S], columns: Sequence[str]) -> Callable[[asyncpg.Record], S]:
    """What makes a state of a record: `make` gets the values of these columns in this order."""
    values: Callable[[asyncpg.Record], tuple[Any, ...]] = itemgetter(*columns)
    return lambda record: make(*values(record))
