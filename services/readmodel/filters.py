"""The one filter compiler: the same condition for list, count, facets, histogram, CSV and API.

Absent fields are left out of the statement, so each combination is its own statement with its own plan. Values
only ever travel as arguments. This module and the `.sql` files are the only places that hold SQL.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import assert_never

from msgspec import Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.readmodel.conversation_filter import ConversationFilter
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.field import (
    ClosedWords,
    ContactSearch,
    Field,
    Has,
    ListHolds,
    MessageSearch,
    OneOf,
    Scored,
    Within,
)
from services.readmodel.fields.questions import Fields, Question
from services.readmodel.parameters import BadFilter, Problem, parameters_of, parse_filter
from services.readmodel.search import ContactQuery, read_contact_query
from services.readmodel.sort_keys import first_key_at, is_on_key, key_after
from services.readmodel.text import NEWEST, find_by_text

__all__ = [
    "BadFilter", "ConversationFilter", "Fragment", "Problem", "compile_filter",
    "parameters_of", "parse_filter", "prepare_filter",
]  # fmt: skip

SQL = load_statements(Path(__file__).with_suffix(".sql"))

MOST_TEXT_HITS = 100_000
"""Conversations that a text may be in; beyond it a period is asked for."""

_ORDER: tuple[type, ...] = (ClosedWords, OneOf, ListHolds, Has, Within, Scored, ContactSearch, MessageSearch)
"""The order of conditions: literals and cheap ones first. It is part of a statement's text, so rows do not move it."""

_LIST_HOLDS = "{} @> ANY(ARRAY(SELECT jsonb_build_array(jsonb_build_object('id', bot)) FROM unnest({{}}::text[]) AS bot))"
_ACTIVE = "c.conv_key IN (SELECT a.conv_key FROM conversation_activity a WHERE {where})"
_OF_CONTACT = "c.contact_id IN (SELECT ct.contact_id FROM contact ct WHERE {where})"


class Fragment(Struct, frozen=True):
    """A condition on `conversation` under the alias `c`; `$1` is the account, `args` are all arguments in order."""

    sql: str
    args: tuple[object, ...]

    @property
    def next_place(self) -> int:
        """The number of the first placeholder that a statement may add behind this condition."""
        return len(self.args) + 1


async def prepare_filter(conn: Connection, account_id: int, wanted: ConversationFilter) -> Fragment:
    """Compiles a filter after asking the database what its contact box and its text mean.

    Raises BadFilter(text) when the text is in more conversations than a filter can hold.
    """
    contact = None if wanted.q is None else await settle_contact_query(conn, account_id, wanted.q)
    keys = None if wanted.text is None else await _keys_of_text(conn, account_id, wanted)
    return compile_filter(wanted, account_id, contact=contact, text_keys=keys)


async def _keys_of_text(conn: Connection, account_id: int, wanted: ConversationFilter) -> list[int]:
    assert wanted.text is not None
    low, high = 0, NEWEST
    if wanted.period_of == "started":
        low = 0 if wanted.from_ is None else first_key_at(wanted.from_)
        high = NEWEST if wanted.to is None else key_after(wanted.to)
    limit = MOST_TEXT_HITS + 1
    keys = await find_by_text(conn, account_id, wanted.text, from_key=low, before_key=high, limit=limit)
    if len(keys) > MOST_TEXT_HITS:
        # Cutting them off would make lists, counts and files wrong without a word.
        raise BadFilter(Problem("text", "too_many", "is in too many conversations; add a period"))
    return keys


async def settle_contact_query(conn: Connection, account_id: int, text: str) -> ContactQuery:
    """What a contact box means to this account.

    An id that is no conversation's is looked for among the contacts; a phone nobody has, by its last eight digits.
    """
    query = read_contact_query(text)
    if query.conversation_id is not None:
        if await conn.fetchval(SQL["has_conversation"], account_id, query.conversation_id):
            return query
        return ContactQuery(words=query.words)
    if query.similar is None:
        return query
    compiler = _Compiler(account_id)
    condition = compiler.contacts(query)
    if await conn.fetchval(SQL["has_contact"].format(where=condition), *compiler.args):
        return query
    return ContactQuery(spellings=(query.similar,))


def compile_filter(
    wanted: ConversationFilter,
    account_id: int,
    *,
    contact: ContactQuery | None = None,
    text_keys: Sequence[int] | None = None,
    fields: Fields = FIELDS,
) -> Fragment:
    """The condition of a filter, without I/O.

    `contact` overrides what the contact box is read as; `text_keys` are the conversations that hold the text,
    which nobody can know without asking the database.
    """
    compiler = _Compiler(account_id)
    for question in sorted(fields.questions, key=lambda each: _ORDER.index(type(each.ask))):
        compiler.answer(question, wanted, contact, text_keys)
    return Fragment(" AND ".join(compiler.conditions), tuple(compiler.args))


class _Compiler:
    def __init__(self, account_id: int) -> None:
        self.args: list[object] = [account_id]
        self.conditions = ["c.account_id = $1"]

    def add(self, condition: str, *values: object) -> None:
        self.conditions.append(condition.format(*(self.place(value) for value in values)))

    def answer(
        self,
        question: Question,
        wanted: ConversationFilter,
        contact: ContactQuery | None,
        text_keys: Sequence[int] | None,
    ) -> None:
        """Adds the condition of one question, if it was asked."""
        field = question.field
        match question.ask:
            case OneOf(attribute=name) | ListHolds(attribute=name):
                self.names(field, getattr(wanted, name))
            case ClosedWords(attribute=name):
                self.codes(field, getattr(wanted, name))
            case Has():
                for word in wanted.has:
                    self.add(question.words[word].sql)
            case Within():
                self.period(question.words[wanted.period_of], wanted.from_, wanted.to)
            case Scored():
                self.scores(question, wanted)
            case ContactSearch():
                self.contact(wanted.q, contact)
            case MessageSearch():
                self.messages(field, wanted.text, text_keys)
            case _:
                assert_never(question.ask)

    def names(self, field: Field, names: Sequence[str]) -> None:
        holds = isinstance(field.ask, ListHolds)
        if names:
            self.add(
                _LIST_HOLDS.format(field.sql) if holds else f"{field.sql} = ANY({{}}::text[])", list(names)
            )

    def codes(self, field: Field, asked: str | Sequence[str] | None) -> None:
        """Literals, not arguments: the planner matches them with partial indexes. All words together ask nothing."""
        words = [asked] if isinstance(asked, str) else asked or ()
        codes = sorted({int(field.codes.of(word)) for word in words})
        if len(codes) == 1:
            self.add(f"{field.sql} = {codes[0]}")
        elif codes and len(codes) < len(field.codes):
            self.add(f"{field.sql} IN ({', '.join(map(str, codes))})")

    def period(self, field: Field, start: datetime | None, end: datetime | None) -> None:
        if start is None and end is None:
            return
        assert isinstance(field.ask, Within)
        if field.ask.way == "key":
            self._started(start, end)
        elif field.ask.way == "column":
            self.conditions.extend(self._between(field.sql, start, end))
        else:
            inner = self._between("a.last_activity_at", start, end)
            self.conditions.append(_ACTIVE.format(where=" AND ".join(["a.account_id = $1", *inner])))

    def scores(self, question: Question, wanted: ConversationFilter) -> None:
        bounds = [
            (sign, value)
            for sign, value in ((">=", wanted.score_min), ("<=", wanted.score_max))
            if value is not None
        ]
        values = [value for _, value in bounds]

        def within(field: Field) -> str:
            return " AND ".join(f"{field.sql} {sign} {{}}::float8::numeric" for sign, _ in bounds)

        if wanted.metric is not None:
            field = question.words[wanted.metric]
            self.add(within(field) if bounds else f"{field.sql} IS NOT NULL", *values)
        elif bounds:
            either = ") OR (".join(map(within, question.fields))
            self.add(f"(({either}))", *values * len(question.fields))

    def messages(self, field: Field, text: str | None, keys: Sequence[int] | None) -> None:
        if text is not None:
            assert keys is not None, "a filter with text is prepared, see prepare_filter"
            self.add(f"{field.sql} = ANY({{}}::bigint[])", list(keys))

    def contact(self, text: str | None, read: ContactQuery | None) -> None:
        if text is None:
            return
        query = read or read_contact_query(text)
        if query.conversation_id is not None:
            self.add("c.conversation_id = {}::uuid", query.conversation_id)
            return
        self.conditions.append(_OF_CONTACT.format(where=self.contacts(query)))

    def contacts(self, query: ContactQuery) -> str:
        """The condition on contact `ct`: every word, one of the spellings. LIKE ANY(array) would not use the index."""
        words = [f"ct.search LIKE {self.place(pattern)}::text" for pattern in query.patterns]
        spellings = [f"ct.search LIKE {self.place(pattern)}::text" for pattern in query.alternatives]
        either = [f"({' OR '.join(spellings)})"] if spellings else []
        return " AND ".join(["ct.account_id = $1", *words, *either])

    def place(self, value: object) -> str:
        self.args.append(value)
        return f"${len(self.args)}"

    def _between(self, column: str, start: datetime | None, end: datetime | None) -> list[str]:
        bounds = []
        if start is not None:
            bounds.append(f"{column} >= {self.place(start)}::timestamptz")
        if end is not None:
            bounds.append(f"{column} < {self.place(end)}::timestamptz")
        return bounds

    def _started(self, start: datetime | None, end: datetime | None) -> None:
        """By key where the bound is a whole millisecond after 2017, else by the time as well."""
        if start is not None:
            self.add("c.conv_key >= {}::bigint", first_key_at(start))
            if not is_on_key(start):
                self.add("c.started_at >= {}::timestamptz", start)
        if end is not None:
            self.add("c.conv_key < {}::bigint", key_after(end))
            if not is_on_key(end):
                self.add("c.started_at < {}::timestamptz", end)
