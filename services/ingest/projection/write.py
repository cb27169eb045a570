"""Writes what a batch changed: new rows by COPY, changed ones by statements that take one array a column."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec.structs import astuple

from services.chassis.keyed import execute_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.conversations.transfer_rows import TransferRow
from services.ingest.projection.conversations.write import write_conversations
from services.ingest.projection.evaluations.state import EvaluationState
from services.ingest.projection.json_text import to_json
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.rows import MessageRow, StatusRow
from services.ingest.projection.records import number
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.state import LooseMessage
from services.ingest.projection.working_set import World

SQL = {
    name: text
    for path in sorted(Path(__file__).parent.glob("*/*.sql"))
    for name, text in load_statements(path).items()
}

_THREAD_COLUMNS = 16
_THREAD_NAMES = ThreadState.__struct_fields__[:_THREAD_COLUMNS]
_PLACE_COLUMNS = 11
_MESSAGE_NAMES = MessageRow.__struct_fields__
_TRANSFER_NAMES = TransferRow.__struct_fields__
_PLACE_NAMES = Place.__struct_fields__[:_PLACE_COLUMNS]


async def write_world(conn: Connection, world: World) -> None:
    """Writes everything but contacts."""
    await _write_threads(conn, world)
    await write_conversations(conn, world)
    await _write_messages(conn, world)
    await _write_facts(conn, world)
    await _copy(conn, "transfer", map(astuple, world.new_transfers), _TRANSFER_NAMES)
    await _copy(conn, "reply_pending", world.new_pending, ("account_id", "target_key", "message_key"))
    evaluations = [each for _, each in sorted(world.evaluations.items()) if each.dirty]
    await execute_keyed(conn, SQL["write_evaluations"], map(_evaluation, evaluations))
    loose = [each for _, each in sorted(world.loose.items()) if each.dirty]
    await execute_keyed(conn, SQL["write_loose"], map(_loose, loose))


async def _write_threads(conn: Connection, world: World) -> None:
    changed = sorted(
        (each for each in world.threads.values() if each.dirty),
        key=lambda each: (each.account_id, each.thread_key),
    )
    new = [astuple(each)[:_THREAD_COLUMNS] for each in changed if each.is_new]
    await _copy(conn, "thread", new, _THREAD_NAMES)
    known = (_changed_thread(each) for each in changed if not each.is_new)
    await execute_keyed(conn, SQL["change_threads"], known)


async def _write_messages(conn: Connection, world: World) -> None:
    """Rows and places. A row whose conversation or order changed is removed and put in anew: both are its key."""
    added: list[MessageRow] = []
    changed: list[MessageRow] = []
    removed: list[tuple[Any, ...]] = []
    for key in world.new_messages | world.changed_messages:
        row, place = world.messages.get(key), world.places[key]
        stored = place.stored_conv_key
        if row is None or stored is None:
            if stored is not None:
                removed.append((place.account_id, stored, place.stored_sort_at, key))
            if row is not None:
                added.append(row)
        elif (row.conv_key, row.sort_at) == (stored, place.stored_sort_at):
            changed.append(row)
        else:
            removed.append((place.account_id, stored, place.stored_sort_at, key))
            added.append(row)
    await execute_keyed(conn, SQL["remove_messages"], removed)
    added.sort(key=lambda each: each.message_key)
    await _copy(conn, "message", map(astuple, added), _MESSAGE_NAMES)
    await execute_keyed(conn, SQL["change_messages"], map(_changed_message, changed))
    places = [world.places[key] for key in sorted(world.changed_places)]
    plain = [
        (each.account_id, each.message_key, each.conv_key, each.occurred_at, each.sort_at, each.loose)
        for each in places
        if each.is_new and each.thread_key is None
    ]
    await _copy(conn, "message_place", plain, _PLACE_NAMES[:6])
    expected = [
        astuple(each)[:_PLACE_COLUMNS] for each in places if each.is_new and each.thread_key is not None
    ]
    await _copy(conn, "message_place", expected, _PLACE_NAMES)
    known = [astuple(each)[:_PLACE_COLUMNS] for each in places if not each.is_new]
    await execute_keyed(conn, SQL["change_places"], known)


async def _write_facts(conn: Connection, world: World) -> None:
    facts = [(key, world.facts[key]) for key in sorted(world.changed_facts) if key in world.facts]
    first = [each.statuses[one] for _, each in facts for one in sorted(each.first_statuses)]
    await _copy(conn, "message_status", map(astuple, first), StatusRow.__struct_fields__)
    statuses = [each.statuses[one] for _, each in facts for one in sorted(each.new_statuses)]
    await execute_keyed(conn, SQL["write_statuses"], map(astuple, statuses))
    revisions = [each.revisions[one] for _, each in facts for one in sorted(each.new_revisions)]
    await execute_keyed(conn, SQL["write_revisions"], map(astuple, revisions))
    reactions = [each.reactions[one] for _, each in facts for one in sorted(each.new_reactions)]
    await execute_keyed(conn, SQL["write_reactions"], map(astuple, reactions))
    files = [each.files[one] for _, each in facts for one in sorted(each.new_files)]
    await execute_keyed(conn, SQL["write_files"], map(astuple, files))
    gone = [
        (world.places[key].account_id, key, index)
        for key, each in facts
        for index in sorted(each.removed_files)
    ]
    await execute_keyed(conn, SQL["remove_files"], gone)


async def _copy(
    conn: Connection, table: str, rows: Iterable[tuple[Any, ...]], columns: tuple[str, ...]
) -> None:
    records = list(rows)
    if records:
        await conn.copy_records_to_table(table, records=records, columns=columns)


def _changed_thread(thread: ThreadState) -> tuple[Any, ...]:
    return (
        thread.account_id,
        thread.thread_key,
        thread.channel_name,
        thread.contact_id,
        thread.connection_id,
        thread.open_conv_key,
        thread.last_conv_key,
        thread.ended_conv_key,
        thread.ended_at,
        thread.ended_recorded_at,
        thread.has_loose,
    )


def _changed_message(row: MessageRow) -> tuple[Any, ...]:
    return (
        row.account_id,
        row.conv_key,
        row.sort_at,
        row.message_key,
        row.kind,
        row.plain_text,
        row.parts,
        row.template,
        row.status,
        row.edited_at,
        row.deleted_at,
    )


def _evaluation(item: EvaluationState) -> tuple[Any, ...]:
    winner = item.winner
    return (
        item.account_id,
        item.thread_key,
        item.evaluation_id,
        item.conv_key,
        item.metric,
        item.question,
        None if item.scale is None else to_json(item.scale),
        item.asked_at,
        item.asked_event_id,
        None if winner is None else winner.at,
        number(winner.score) if winner is not None and winner.valid else None,
        None if winner is None else winner.valid,
        None if winner is None else winner.raw_answer,
        item.comment,
        to_json(item.answers),
    )


def _loose(message: LooseMessage) -> tuple[Any, ...]:
    return (
        message.account_id,
        message.thread_key,
        message.message_key,
        message.occurred_at,
        message.kind,
        to_json(message.content),
        message.conv_key,
        message.stands_as,
    )
