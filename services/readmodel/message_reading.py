"""From message records, with what belongs to them, to entries of a transcript."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, cast
from uuid import UUID

import asyncpg
from bitacora_schemas.codes import Direction

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.readmodel.message_ids import opaque_id, opaque_id_of
from services.readmodel.row_reading import read_actor, read_json
from services.readmodel.rows import Actor, DeliveryStatus, MessageEntry, Reaction, ReplyTo, StatusChange

SQL = load_statements(Path(__file__).with_name("history.sql"))

_HIDDEN_FILE_FIELDS = ("source", "stored_uri")
"""Vendors' addresses expire in minutes and point outside; where we keep a file is ours to know."""


async def read_messages(
    conn: Connection, account_id: int, rows: Sequence[asyncpg.Record], *, opaque_ids: bool
) -> list[MessageEntry]:
    """The entries of these `message` records, in their order."""
    keys = list({row["message_key"] for row in rows})
    if not keys:
        return []
    statuses = _by_message(await conn.fetch(SQL["list_statuses"], account_id, keys))
    reactions = _by_message(await conn.fetch(SQL["list_reactions"], account_id, keys))
    files = _by_message(await conn.fetch(SQL["list_message_files"], account_id, keys))
    return [
        _message(row, statuses[key], reactions[key], files[key], opaque_ids=opaque_ids)
        for row in rows
        for key in (row["message_key"],)
    ]


def _message(
    row: asyncpg.Record,
    statuses: Iterable[asyncpg.Record],
    reactions: Iterable[asyncpg.Record],
    files: Iterable[asyncpg.Record],
    *,
    opaque_ids: bool,
) -> MessageEntry:
    deleted = row["deleted_at"]
    return MessageEntry(
        at=row["occurred_at"],
        id=opaque_id(row["message_key"]) if opaque_ids else row["message_id"],
        direction=cast("Literal['in', 'out', 'internal']", Direction.stored(row["direction"]).word),
        sender=read_actor(row, "sender"),
        plain_text=row["plain_text"],
        parts=() if deleted is not None else tuple(_parts(row, files)),
        reply_to=_reply_to(read_json(row["reply_to"]), opaque_ids=opaque_ids),
        status=DeliveryStatus(
            current=row["status"],
            history=tuple(
                StatusChange(each["status"], each["occurred_at"], read_json(each["errors"]))
                for each in statuses
            ),
        ),
        edited=None if deleted is not None else row["edited_at"],
        deleted=deleted,
        reactions=tuple(
            Reaction(Actor(each["actor_kind"], each["actor_id"], each["actor_name"]), each["emoji"])
            for each in reactions
        ),
        late=row["late"],
        template=read_json(row["template"]),
    )


def _parts(row: asyncpg.Record, files: Iterable[asyncpg.Record]) -> Iterable[dict[str, Any]]:
    """The parts as sent, their files as they stand now; a message of one text is stored without parts."""
    stored: list[dict[str, Any]] | None = read_json(row["parts"])
    if stored is None:
        text = row["plain_text"]
        stored = [{"index": 0, "type": "text", "plain_text": text, "text": text}]
    states = {each["part_index"]: each for each in files}
    for number, part in enumerate(stored):
        index = part.get("index", number)
        if isinstance(part.get("file"), dict):
            yield {**part, "file": _file(part["file"], states.get(index))}
        else:
            yield part


def _file(block: dict[str, Any], state: asyncpg.Record | None) -> dict[str, Any]:
    shown = {name: value for name, value in block.items() if name not in _HIDDEN_FILE_FIELDS}
    if state is not None:
        shown["state"] = state["state"]
        for name in ("mime_type", "name", "size_bytes"):
            if state[name] is not None:
                shown[name] = state[name]
        if state["unavailable_reason"] is not None:
            shown["reason"] = state["unavailable_reason"]
    return shown


def _reply_to(block: dict[str, Any] | None, *, opaque_ids: bool) -> ReplyTo | None:
    if block is None:
        return None
    target = block["message_id"]
    return ReplyTo(opaque_id_of(target) if opaque_ids else target, block.get("part_index"))


def _by_message(rows: Iterable[asyncpg.Record]) -> defaultdict[UUID, list[asyncpg.Record]]:
    grouped: defaultdict[UUID, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        grouped[row["message_key"]].append(row)
    return grouped
