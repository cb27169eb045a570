"""The columns of a table as SQL: what each field holds, and how a profile writes it into a cell.

`spreadsheet` is for people: local times, the words of pages and transcripts, no cell that could become a formula. `data` is for
programs: UTC, the wire's own words, nothing altered. Everything here is made of constants; `{masked}`, `{zone}` and `{site}` are places
of arguments, which the statement fills in.
"""

from collections.abc import Callable, Iterator
from typing import assert_never

from bitacora_schemas.exports.formats import ListSpec, Profile

from services.export.copying import Statement
from services.presentation.languages import mark
from services.presentation.words import TABLES
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.expressions import case, quoted, words_of_codes
from services.readmodel.fields.field import (
    Closed,
    Field,
    Flag,
    Id,
    Link,
    Named,
    Number,
    Search,
    Text,
    Time,
)
from services.readmodel.fields.questions import Fields
from services.readmodel.filters import Fragment

_TIMES = {"spreadsheet": "YYYY-MM-DD HH24:MI:SS", "data": 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'}


Say = Callable[[str], str]
"""A marked text in the language of the file."""


def names(profile: Profile, zone: str, say: Say, fields: Fields = FIELDS) -> list[str]:
    """The first line: names for programs, titles with the zone for people."""
    if profile == "data":
        return [column.name for _, column in fields.columns]
    return [say(column.title).format(zone=zone) for _, column in fields.columns]


def columns(fields: Fields = FIELDS) -> str:
    """What the fence selects: every column's value by its field's name, before a profile writes it."""
    return ",\n       ".join(each for field, _ in fields.columns for each in _values(field))


def cells(profile: Profile, say: Say, fields: Fields = FIELDS) -> str:
    """The same as a profile writes it, in the order of the places."""
    written = [
        _for_people(field, say) if profile == "spreadsheet" else _for_programs(field)
        for field, _ in fields.columns
    ]
    return ",\n       ".join(written)


def list_statement(
    template: str,
    spec: ListSpec,
    fragment: Fragment,
    *,
    profile: Profile,
    say: Say,
    public_url: str,
    fields: Fields = FIELDS,
) -> Statement:
    """A renderer's query with its arguments: `template` takes `cells`, `columns`, `where`, and `names` where it wants them."""
    zone = spec.timezone if profile == "spreadsheet" else "UTC"
    places = {name: f"${place}" for place, name in enumerate(("masked", "zone", "site"), fragment.next_place)}
    text = template.format(
        names=", ".join(names("data", zone, say, fields)),
        cells=cells(profile, say, fields).format(**places),
        columns=columns(fields).format(**places),
        where=fragment.sql,
    )
    return text, (*fragment.args, spec.masked, zone, public_url.rstrip("/"))


def _values(field: Field) -> Iterator[str]:
    assert field.column is not None, "only fields with a column are written"
    sql = field.column.sql or field.sql
    if isinstance(field.kind, Text) and field.kind.mask is not None:
        sql = f"CASE WHEN {{masked}}::boolean THEN {field.kind.mask}({sql}) ELSE {sql} END"
    yield f"{sql} AS {field.name}"
    if isinstance(field.kind, Named):
        yield f"{field.kind.kind_sql} AS {field.name}_kind"


def _for_people(field: Field, say: Say) -> str:
    value = f"r.{field.name}"
    match field.kind:
        case Text(words=table):
            return _known(value, table, say) if table else _guarded(value)
        case Closed(codes=codes, words=table):
            return words_of_codes(value, codes, {word: say(cell) for word, cell in TABLES[table].items()})
        case Flag():
            yes, no = quoted(say(mark("sí"))), quoted(say(mark("no")))
            return f"CASE WHEN {value} THEN {yes} ELSE {no} END"
        case Named(words=table):
            return f"coalesce({_guarded(value)}, {_known(f'{value}_kind', table, say)})"
        case _:
            return _alike(field, "spreadsheet")


def _for_programs(field: Field) -> str:
    value = f"r.{field.name}"
    match field.kind:
        case Closed(codes=codes):
            return words_of_codes(value, codes)
        case Named():
            return f"coalesce({value}, {value}_kind)"
        case Text() | Flag():
            return value
        case _:
            return _alike(field, "data")


def _alike(field: Field, profile: Profile) -> str:
    """Kinds that both profiles write, times each in its own pattern."""
    value = f"r.{field.name}"
    match field.kind:
        case Id():
            return f"{value}::text"
        case Link(path=path):
            return f"{{site}}::text || {quoted(path)} || {value}"
        case Time():
            return f"to_char({value} AT TIME ZONE {{zone}}::text, {quoted(_TIMES[profile])})"
        case Number():
            return value
        case Search() | Text() | Closed() | Flag() | Named():
            raise TypeError(f"{field.name} is written by no profile in common")
        case _:
            assert_never(field.kind)


def _known(value: str, table: str, say: Say) -> str:
    known = {quoted(word): say(cell) for word, cell in TABLES[table].items()}
    return case(value, known, otherwise=_guarded(value))


def _guarded(value: str) -> str:
    return f"public.csv_guard({value})"
