"""What a search finds, in numbers: values with counts, and counts by time."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.expressions import words_of_codes
from services.readmodel.fields.field import Closed, Facet, Field, ListHolds
from services.readmodel.fields.questions import Fields
from services.readmodel.filters import ConversationFilter, Fragment
from services.readmodel.rows import Bucket, Facets, FacetValue, Histogram
from services.readmodel.sort_keys import first_key_at

SQL = load_statements(Path(__file__).with_suffix(".sql"))

FACET_ROWS = 100_000
"""Facets look at no more than the newest so many matches: they are a guide, the count is elsewhere."""
MOST_VALUES = 50
MOST_BUCKETS = 400

Unit = Literal["hour", "day", "week", "month"]
_UNITS: tuple[tuple[timedelta, Unit], ...] = (
    (timedelta(days=3), "hour"),
    (timedelta(days=92), "day"),
    (timedelta(days=730), "week"),
)
_LENGTHS: dict[Unit, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


async def find_facets(conn: Connection, fragment: Fragment, fields: Fields = FIELDS) -> Facets:
    """The values that occur in what a filter leaves, most frequent first."""
    found: dict[str, list[FacetValue]] = {facet.name: [] for _, facet in fields.facets}
    for row in await conn.fetch(facets_statement(fragment.sql, fields), *fragment.args):
        found[row["facet"]].append(FacetValue(row["value"], row["name"], row["count"]))
    return {name: tuple(values) for name, values in found.items()}


def facets_statement(where: str, fields: Fields = FIELDS) -> str:
    """One pass over the newest matches that counts every field with a facet."""
    columns = [
        f"{sql} AS {name}"
        for row, facet in fields.facets
        for name, sql in ((row.name, row.sql), (f"{row.name}_name", facet.name_sql))
        if sql is not None
    ]
    return SQL["facets"].format(
        columns=", ".join(columns),
        counted="\n    UNION ALL\n".join(_counted(row, facet) for row, facet in fields.facets),
        where=where,
        limit=FACET_ROWS,
        most=MOST_VALUES,
    )


def _counted(field: Field, facet: Facet) -> str:
    column, named = field.name, "NULL"
    if isinstance(field.ask, ListHolds):
        return SQL["count_of_listed"].format(facet=facet.name, column=column)
    if facet.name_sql is not None:
        named = f"max({column}_name)"
    return SQL["count_of_values"].format(
        facet=facet.name,
        column=column,
        value=words_of_codes(column, field.codes) if isinstance(field.kind, Closed) else column,
        named=named,
        present=f" WHERE {column} IS NOT NULL" if field.optional else "",
    )


async def find_histogram(
    conn: Connection,
    wanted: ConversationFilter,
    fragment: Fragment,
    *,
    timezone: str,
    now: datetime,
    unit: Unit | None = None,
) -> Histogram:
    """Counts by start, in units of local time of `timezone`; the unit follows the range unless given.

    Without a period it spans what the filter finds, at most 400 buckets, the newest.
    """
    zone = ZoneInfo(timezone)
    by_start = wanted.period_of == "started"
    start, end = (wanted.from_, wanted.to) if by_start else (None, None)
    if start is None or end is None:
        bounds = await conn.fetchrow(SQL["bounds"].format(where=fragment.sql), *fragment.args)
        assert bounds is not None
        if bounds["first"] is None:
            return Histogram(unit or "day", timezone, ())
        start = start or bounds["first"]
        end = end or bounds["last"] + timedelta(milliseconds=1)
    end = max(min(end, now + timedelta(days=1)), start + timedelta(milliseconds=1))
    chosen = unit or unit_for(end - start)
    start = max(start, end - _LENGTHS[chosen] * MOST_BUCKETS)
    edges = edges_between(start, end, chosen, zone)[-MOST_BUCKETS - 1 :]
    counts = await _counts(conn, fragment, edges)
    return Histogram(
        chosen,
        timezone,
        tuple(
            Bucket(first, last, counts.get(place, 0))
            for place, (first, last) in enumerate(pairwise(edges), start=1)
        ),
    )


def unit_for(span: timedelta) -> Unit:
    """The unit that gives a readable number of buckets."""
    return next((unit for longest, unit in _UNITS if span <= longest), "month")


def edges_between(start: datetime, end: datetime, unit: Unit, zone: ZoneInfo) -> list[datetime]:
    """The edges of whole local units that cover [start, end), in UTC; a day of a clock change has 23 or 25 hours."""
    if unit == "hour":
        first = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        edges = [first]
        while edges[-1] < end:
            edges.append(edges[-1] + timedelta(hours=1))
        return edges
    day = _first_day(start.astimezone(zone).date(), unit)
    edges = [_midnight(day, zone)]
    while edges[-1] < end:
        day = _next_day(day, unit)
        edges.append(_midnight(day, zone))
    return edges


async def _counts(conn: Connection, fragment: Fragment, edges: list[datetime]) -> dict[int, int]:
    keys = [first_key_at(edge) for edge in edges]
    place = fragment.next_place
    statement = SQL["histogram"].format(
        where=fragment.sql, edges=f"${place}", first=f"${place + 1}", last=f"${place + 2}"
    )
    rows = await conn.fetch(statement, *fragment.args, keys, keys[0], keys[-1])
    return {row["place"]: row["count"] for row in rows}


def _first_day(day: date, unit: Unit) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _next_day(day: date, unit: Unit) -> date:
    if unit == "week":
        return day + timedelta(days=7)
    if unit == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
