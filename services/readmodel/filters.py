"""The one filter compiler: the same condition for list, count, facets, histogram, CSV and API.

Absent fields are left out of the statement, so each combination is its own statement with its own plan. Values
only ever travel as arguments. This module and the `.sql` files are the only places that hold SQL.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bitacora_schemas.ids import CONV_KEY_EPOCH_MS, epoch_ms
from msgspec import Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.readmodel.conversation_filter import ConversationFilter, Has
from services.readmodel.parameters import FILTER_PARAMETERS, BadFilter, Problem, parameters_of, parse_filter
from services.readmodel.search import ContactQuery, read_contact_query
from services.readmodel.text import NEWEST, find_by_text

__all__ = [
    "FILTER_PARAMETERS", "BadFilter", "ConversationFilter", "Fragment", "Problem", "compile_filter",
    "parameters_of", "parse_filter", "prepare_filter",
]  # fmt: skip

SQL = load_statements(Path(__file__).with_suffix(".sql"))

MOST_TEXT_HITS = 100_000
"""Conversations that a text may be in; beyond it a period is asked for."""

_PRODUCTION, _TESTING = 1, 2
_OPEN, _ENDED = 1, 2
_ENVIRONMENTS = {"production": _PRODUCTION, "testing": _TESTING}
_STATUSES = {"open": _OPEN, "ended": _ENDED}
_HAS: dict[Has, str] = {
    "comment": "c.has_comment",
    "files": "c.has_files",
    "score": "(c.nps IS NOT NULL OR c.csat IS NOT NULL)",
    "template": "c.started_by_template",
    "transfer": "c.transferred",
}
_SPOKE = (
    "c.assistants @> ANY(ARRAY("
    "SELECT jsonb_build_array(jsonb_build_object('id', bot)) FROM unnest({}::text[]) AS bot))"
)
_ACTIVE = "c.conv_key IN (SELECT a.conv_key FROM conversation_activity a WHERE {where})"
_OF_CONTACT = "c.contact_id IN (SELECT ct.contact_id FROM contact ct WHERE {where})"
_KEY_EPOCH = datetime.fromtimestamp(CONV_KEY_EPOCH_MS / 1000, UTC)
_MILLISECOND = timedelta(milliseconds=1)


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
) -> Fragment:
    """The condition of a filter, without I/O.

    `contact` overrides what the contact box is read as; `text_keys` are the conversations that hold the text,
    which nobody can know without asking the database.
    """
    compiler = _Compiler(account_id)
    compiler.fields(wanted)
    compiler.period(wanted)
    compiler.scores(wanted)
    if wanted.q is not None:
        compiler.contact(contact or read_contact_query(wanted.q))
    if wanted.text is not None:
        assert text_keys is not None, "a filter with text is prepared, see prepare_filter"
        compiler.add("c.conv_key = ANY({}::bigint[])", list(text_keys))
    return Fragment(" AND ".join(compiler.conditions), tuple(compiler.args))


class _Compiler:
    def __init__(self, account_id: int) -> None:
        self.args: list[object] = [account_id]
        self.conditions = ["c.account_id = $1"]

    def add(self, condition: str, *values: object) -> None:
        self.conditions.append(condition.format(*(self.place(value) for value in values)))

    def fields(self, wanted: ConversationFilter) -> None:
        if wanted.environment is not None:
            # A literal, not an argument: the planner matches it with the partial index of testing traffic.
            self.add(f"c.environment = {_ENVIRONMENTS[wanted.environment]}")
        if len(set(wanted.statuses)) == 1:
            self.add(f"c.status = {_STATUSES[wanted.statuses[0]]}")
        if wanted.chatbots:
            self.add("c.chatbot_id = ANY({}::text[])", list(wanted.chatbots))
        if wanted.channels:
            self.add("c.channel = ANY({}::text[])", list(wanted.channels))
        if wanted.end_reasons:
            self.add("c.end_reason = ANY({}::text[])", list(wanted.end_reasons))
        if wanted.assistants:
            self.add(_SPOKE, list(wanted.assistants))
        for thing in wanted.has:
            self.add(_HAS[thing])

    def period(self, wanted: ConversationFilter) -> None:
        if wanted.from_ is None and wanted.to is None:
            return
        if wanted.period_of == "started":
            self._started(wanted.from_, wanted.to)
        elif wanted.period_of == "ended":
            self.conditions.extend(self._between("c.ended_at", wanted.from_, wanted.to))
        else:
            inner = self._between("a.last_activity_at", wanted.from_, wanted.to)
            self.conditions.append(_ACTIVE.format(where=" AND ".join(["a.account_id = $1", *inner])))

    def scores(self, wanted: ConversationFilter) -> None:
        bounds: list[Callable[[str], str]] = []
        values: list[object] = []
        if wanted.score_min is not None:
            values.append(wanted.score_min)
            bounds.append(lambda column: f"c.{column} >= {{}}::float8::numeric")
        if wanted.score_max is not None:
            values.append(wanted.score_max)
            bounds.append(lambda column: f"c.{column} <= {{}}::float8::numeric")
        if not bounds:
            if wanted.metric is not None:
                self.add(f"c.{wanted.metric} IS NOT NULL")
            return
        if wanted.metric is not None:
            self.add(" AND ".join(bound(wanted.metric) for bound in bounds), *values)
        else:
            either = (" AND ".join(bound(column) for bound in bounds) for column in ("nps", "csat"))
            self.add(f"(({') OR ('.join(either)}))", *values, *values)

    def contact(self, query: ContactQuery) -> None:
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
            if not _on_key(start):
                self.add("c.started_at >= {}::timestamptz", start)
        if end is not None:
            self.add("c.conv_key < {}::bigint", key_after(end))
            if not _on_key(end):
                self.add("c.started_at < {}::timestamptz", end)


def first_key_at(moment: datetime) -> int:
    """The smallest `conv_key` of conversations that start in the millisecond of `moment` or later."""
    return max(epoch_ms(moment) - CONV_KEY_EPOCH_MS, 0) << 20


def key_after(moment: datetime) -> int:
    """A key above every conversation that starts before `moment`, and no further than the end of its millisecond."""
    if _on_key(moment):
        return first_key_at(moment)
    return max(
        first_key_at(moment + _MILLISECOND), 1 << 20
    )  # all starts before 2017 share the first millisecond


def _on_key(moment: datetime) -> bool:
    return moment.microsecond % 1000 == 0 and moment > _KEY_EPOCH
