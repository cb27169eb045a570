"""The transcript of a conversation, page by page, oldest first within every page.

Order: the start, then messages, transfers, surveys and annotations by (time, sequence, log order), then the end, then
annotations made after it.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

import asyncpg

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.readmodel.conversations import SQL as CONVERSATION_SQL
from services.readmodel.conversations import list_annotations
from services.readmodel.cursors import BadCursor, decode_cursor, encode_cursor
from services.readmodel.filters import BadFilter, Problem
from services.readmodel.message_reading import read_messages
from services.readmodel.row_reading import read_actor, read_evaluation, read_transfer
from services.readmodel.rows import (
    AnnotationEntry,
    EndedEntry,
    EvaluationEntry,
    ExpiredEntry,
    HistoryEntry,
    HistoryPage,
    StartedEntry,
    TransferEntry,
)

SQL = load_statements(Path(__file__).with_suffix(".sql"))

MOST_ENTRIES = 200
Direction = Literal["forward", "backward"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_OFFSET = 2**63 - 1
_NIL = UUID(int=0)
_STARTED, _INSIDE, _ENDED = 0, 1, 2
_BOUND_TO = "history"


class Place(NamedTuple):
    """Where an entry stands; places compare in the order of the transcript."""

    group: int
    at: datetime
    sequence: str
    offset: int
    rank: int
    id: UUID


_BEGINNING = Place(_STARTED, datetime.min.replace(tzinfo=UTC), "", -1, 0, _NIL)
_END = Place(_ENDED, datetime.max.replace(tzinfo=UTC), "", _LAST_OFFSET, 9, UUID(int=2**128 - 1))


async def find_history(
    conn: Connection,
    account_id: int,
    conversation_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 100,
    direction: Direction = "forward",
    opaque_ids: bool = True,
) -> HistoryPage | None:
    """A page of the transcript, None when the account has no such conversation.

    Without a cursor `forward` begins at the start and `backward` at the end; `next_cursor` goes with forward,
    `previous_cursor` with backward. Raises BadFilter(cursor).
    """
    frame = await conn.fetchrow(SQL["find_frame"], account_id, conversation_id)
    if frame is None:
        return None
    limit = max(1, min(limit, MOST_ENTRIES))
    backward = direction == "backward"
    place = _place_of(cursor) if cursor is not None else (_END if backward else _BEGINNING)
    placed = await _around(
        conn, account_id, frame, place, limit + 1, backward=backward, opaque_ids=opaque_ids
    )
    placed.sort(key=lambda each: each[0], reverse=backward)
    more = len(placed) > limit
    page = sorted(placed[:limit], key=lambda each: each[0])
    if not page:
        return HistoryPage((), None, None)
    # A page reached by a cursor has something on the side it came from.
    came_from = cursor is not None
    later, earlier = (came_from, more) if backward else (more, came_from)
    return HistoryPage(
        items=tuple(entry for _, entry in page),
        next_cursor=_cursor_of(page[-1][0]) if later else None,
        previous_cursor=_cursor_of(page[0][0]) if earlier else None,
    )


async def _around(
    conn: Connection,
    account_id: int,
    frame: asyncpg.Record,
    place: Place,
    limit: int,
    *,
    backward: bool,
    opaque_ids: bool,
) -> list[tuple[Place, HistoryEntry]]:
    """Everything that can stand within `limit` entries of a place, on one side of it."""
    key = frame["conv_key"]
    statement = SQL["messages_before" if backward else "messages_after"]
    edge = _message_edge(place, backward=backward)
    rows = await conn.fetch(statement, account_id, key, edge.at, edge.sequence, edge.offset, edge.id, limit)
    messages = await read_messages(conn, account_id, rows, opaque_ids=opaque_ids)
    placed: list[tuple[Place, HistoryEntry]] = [
        (_message_place(row), message) for row, message in zip(rows, messages, strict=True)
    ]
    placed += await _others(conn, account_id, frame)
    placed += await _annotations(conn, account_id, frame, opaque_ids=opaque_ids)
    return [each for each in placed if (each[0] < place if backward else each[0] > place)]


async def _others(
    conn: Connection, account_id: int, frame: asyncpg.Record
) -> list[tuple[Place, HistoryEntry]]:
    """All that is no message: few enough to take whole."""
    placed: list[tuple[Place, HistoryEntry]] = [
        (Place(_STARTED, frame["started_at"], "", 0, 0, _NIL), StartedEntry(at=frame["started_at"]))
    ]
    if frame["expired"]:
        at = frame["started_at"]
        placed.append((Place(_INSIDE, at, "", -1, 0, _NIL), ExpiredEntry(at=at)))
    for row in await conn.fetch(CONVERSATION_SQL["list_transfers"], account_id, frame["conv_key"]):
        moved = read_transfer(row)
        place = Place(_INSIDE, moved.at, "", row["position"], 1, row["event_id"])
        placed.append(
            (place, TransferEntry(at=moved.at, from_=moved.from_, to=moved.to, reason=moved.reason))
        )
    for number, row in enumerate(
        await conn.fetch(CONVERSATION_SQL["list_evaluations"], account_id, frame["conv_key"])
    ):
        survey = read_evaluation(row)
        at = survey.asked_at or survey.answered_at or frame["started_at"]
        fields = {name: getattr(survey, name) for name in survey.__struct_fields__}
        placed.append(
            (Place(_INSIDE, at, "", _LAST_OFFSET, 2, UUID(int=number)), EvaluationEntry(at=at, **fields))
        )
    if frame["ended_at"] is not None:
        ended = EndedEntry(at=frame["ended_at"], reason=frame["end_reason"], by=read_actor(frame, "end_by"))
        placed.append((Place(_ENDED, frame["ended_at"], "", 0, 0, _NIL), ended))
    return placed


async def _annotations(
    conn: Connection, account_id: int, frame: asyncpg.Record, *, opaque_ids: bool
) -> list[tuple[Place, HistoryEntry]]:
    """At the moment when they were made: many are made long after the end."""
    found = await list_annotations(conn, account_id, frame["conv_key"], opaque_ids=opaque_ids)
    ended_at = frame["ended_at"]
    return [
        (
            Place(
                _INSIDE if ended_at is None or each.at <= ended_at else _ENDED,
                each.at, "", _LAST_OFFSET, 3, UUID(int=number),
            ),
            AnnotationEntry(at=each.at, annotation=each),
        )
        for number, each in enumerate(found)
    ]  # fmt: skip


def _message_place(row: asyncpg.Record) -> Place:
    return Place(_INSIDE, row["sort_at"], row["order_sequence"], row["position"], 0, row["message_key"])


def _message_edge(place: Place, *, backward: bool) -> Place:
    """The place as messages compare; where an entry of another kind stands, one that messages fall behind."""
    if place.group == _STARTED:
        return _BEGINNING
    if place.group == _ENDED:
        return _END
    if place.rank == 0:
        return place
    # Same time, sequence and offset as a message: messages rank first, so all of them lie before this place.
    return place._replace(id=_END.id)


def _cursor_of(place: Place) -> str:
    at = (place.at - _EPOCH) // _MICROSECOND
    return encode_cursor(
        _BOUND_TO, (place.group, at, place.sequence, place.offset, place.rank, place.id.bytes)
    )


def _place_of(cursor: str) -> Place:
    try:
        group, at, sequence, offset, rank, raw = decode_cursor(
            cursor, _BOUND_TO, (int, int, str, int, int, bytes)
        )
        return Place(group, _EPOCH + at * _MICROSECOND, sequence, offset, rank, UUID(bytes=raw))
    except (BadCursor, ValueError, OverflowError) as error:
        raise BadFilter(Problem("cursor", "bad_cursor", f"is not usable: {error}")) from error
