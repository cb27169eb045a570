"""The list of conversations and one conversation in detail."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.readmodel.cursors import BadCursor, decode_cursor, encode_cursor
from services.readmodel.files import list_files
from services.readmodel.filters import BadFilter, ConversationFilter, Fragment, Problem
from services.readmodel.masking import mask_item
from services.readmodel.message_ids import opaque_id_of
from services.readmodel.row_reading import (
    item_fields,
    read_actor,
    read_contact_detail,
    read_evaluation,
    read_item,
    read_json,
    read_transfer,
)
from services.readmodel.rows import Annotation, ConversationDetail, ConversationItem, ConversationPage, Count

SQL = load_statements(Path(__file__).with_suffix(".sql"))

COUNT_CAP = 10_000
MOST_ROWS = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


async def find_page(
    conn: Connection,
    wanted: ConversationFilter,
    fragment: Fragment,
    *,
    limit: int = 50,
    cursor: str | None = None,
    masked: bool = True,
) -> ConversationPage:
    """One page in the order of `wanted.sort`, newest first; `fragment` is the compiled filter.

    Raises BadFilter(cursor) for a cursor that is not of this order.
    """
    limit = max(1, min(limit, MOST_ROWS))
    by_activity = wanted.sort == "activity"
    try:
        rows = await (_activity_rows if by_activity else _start_rows)(conn, fragment, limit + 1, cursor)
    except BadCursor as error:
        raise BadFilter(Problem("cursor", "bad_cursor", f"is not usable: {error}")) from error
    items = tuple(read_item(row) for row in rows[:limit])
    if masked:
        items = tuple(mask_item(item) for item in items)
    return ConversationPage(items, _cursor_after(rows[limit - 1], wanted.sort) if len(rows) > limit else None)


async def count_conversations(conn: Connection, fragment: Fragment) -> Count:
    """How many conversations match, looking at no more than 10,001."""
    statement = SQL["count_matching"].format(where=fragment.sql, limit=COUNT_CAP + 1)
    found = int(await conn.fetchval(statement, *fragment.args))
    return Count(value=min(found, COUNT_CAP), exact=found <= COUNT_CAP)


async def find_conversation(
    conn: Connection, account_id: int, conversation_id: UUID, *, opaque_ids: bool = True
) -> ConversationDetail | None:
    """The conversation in full, None when the account has none of this id.

    `opaque_ids` hides the sources' message ids, which may hold the customer's phone number.
    """
    row = await conn.fetchrow(SQL["find_conversation"], account_id, conversation_id)
    if row is None:
        return None
    key = row["conv_key"]
    evaluations = await conn.fetch(SQL["list_evaluations"], account_id, key)
    transfers = await conn.fetch(SQL["list_transfers"], account_id, key)
    return ConversationDetail(
        **item_fields(row),
        contact=read_contact_detail(row),
        evaluations=tuple(read_evaluation(each) for each in evaluations),
        transfers=tuple(read_transfer(each) for each in transfers),
        annotations=await list_annotations(conn, account_id, key, opaque_ids=opaque_ids),
        files=await list_files(conn, account_id, conversation_id, key, opaque_ids=opaque_ids),
    )


async def list_annotations(
    conn: Connection, account_id: int, conv_key: int, *, opaque_ids: bool
) -> tuple[Annotation, ...]:
    """The annotations that stand on a conversation, oldest first."""
    rows = await conn.fetch(SQL["list_annotations"], account_id, conv_key)
    return tuple(
        Annotation(
            annotation_id=row["annotation_id"],
            kind=row["kind"],
            key=row["key"],
            value=read_json(row["value"]),
            by=read_actor(row, "by"),
            at=row["occurred_at"],
            message_id=opaque_id_of(row["message_id"])
            if opaque_ids and row["message_id"]
            else row["message_id"],
        )
        for row in rows
    )


async def find_item(conn: Connection, account_id: int, conversation_id: UUID) -> ConversationItem | None:
    """The list row of one conversation, unmasked; None when the account has none of this id."""
    row = await conn.fetchrow(SQL["find_conversation"], account_id, conversation_id)
    return None if row is None else read_item(row)


async def find_key(conn: Connection, account_id: int, conversation_id: UUID) -> int | None:
    """The `conv_key` of a conversation, None when the account has none of this id."""
    key: int | None = await conn.fetchval(SQL["find_key"], account_id, conversation_id)
    return key


async def _start_rows(
    conn: Connection, fragment: Fragment, limit: int, cursor: str | None
) -> list[asyncpg.Record]:
    where, args = fragment.sql, list(fragment.args)
    if cursor is not None:
        args.extend(decode_cursor(cursor, "started", (int,)))
        where += f" AND c.conv_key < ${len(args)}::bigint"
    statement = SQL["page_by_start"].format(where=where, limit=limit, contact=_contact_columns())
    return await conn.fetch(statement, *args)


async def _activity_rows(
    conn: Connection, fragment: Fragment, limit: int, cursor: str | None
) -> list[asyncpg.Record]:
    """Conversations with public messages by their latest, then those without by their start."""
    after_us, after_key = (None, None)
    if cursor is not None:
        after_us, after_key = decode_cursor(cursor, "activity", (int | None, int))
    rows: list[asyncpg.Record] = []
    if cursor is None or after_us is not None:
        where, args = fragment.sql, list(fragment.args)
        if after_us is not None:
            args.extend((_EPOCH + after_us * _MICROSECOND, after_key))
            where += f" AND (v.last_activity_at, v.conv_key) < (${len(args) - 1}::timestamptz, ${len(args)}::bigint)"
        statement = SQL["page_by_activity"].format(where=where, limit=limit, contact=_contact_columns())
        rows = await conn.fetch(statement, *args)
    if len(rows) < limit:
        where, args = f"{fragment.sql} AND c.last_activity_at IS NULL", list(fragment.args)
        if cursor is not None and after_us is None:
            args.append(after_key)
            where += f" AND c.conv_key < ${len(args)}::bigint"
        statement = SQL["page_by_start"].format(
            where=where, limit=limit - len(rows), contact=_contact_columns()
        )
        rows = [*rows, *await conn.fetch(statement, *args)]
    return rows


def _cursor_after(row: asyncpg.Record, sort: str) -> str:
    if sort == "started":
        return encode_cursor("started", (row["conv_key"],))
    at = row["last_activity_at"]
    return encode_cursor("activity", (None if at is None else (at - _EPOCH) // _MICROSECOND, row["conv_key"]))


def _contact_columns() -> str:
    return SQL["contact_columns"]
