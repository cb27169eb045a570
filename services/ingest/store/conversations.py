"""Conversations in the database: loaded by key, written whole when they changed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.reducer.content import to_json
from services.ingest.reducer.conversation_state import Conversation
from services.ingest.reducer.totals import shown_totals
from services.ingest.reducer.world import World
from services.ingest.store.keyed import execute_keyed, fetch_keyed
from services.ingest.store.records import assistants_json, number, read_conversation

SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def load_conversations(conn: Connection, world: World, keys: Iterable[tuple[int, int]]) -> None:
    """Loads conversations that are not loaded yet, and hands them to their threads."""
    wanted = sorted(set(keys) - world.conversations.keys())
    for row in await fetch_keyed(conn, SQL["load_conversations"], wanted):
        conversation = read_conversation(row)
        world.conversations[conversation.key] = conversation
        thread = world.threads[conversation.thread_key]
        conversation.contact_id = thread.contact_id
        thread.conversations[conversation.conv_key] = conversation


async def write_conversations(conn: Connection, world: World) -> None:
    """Writes every changed conversation and its line in the order of activity."""
    changed = [world.changed_conversations[key] for key in sorted(world.changed_conversations)]
    new = [_new_columns(world, each) for each in changed if each.is_new]
    if new:
        await conn.copy_records_to_table(
            "conversation", records=new, columns=(*_COLUMNS, "prelude_window_seconds")
        )
    rewritten = [
        _columns(world, each) for each in changed if not each.is_new and (each.rewrite or each.loose)
    ]
    await execute_keyed(conn, SQL["write_conversations"], rewritten)
    running = [each for each in changed if not (each.is_new or each.rewrite or each.loose)]
    await execute_keyed(conn, SQL["write_running_totals"], map(_running, running))
    activity = [(row[0], row[1], row[5], row[_ACTIVITY_AT]) for row in (*new, *rewritten)]
    activity += [
        (each.account_id, each.conv_key, each.environment, each.totals.last_activity_at) for each in running
    ]
    await execute_keyed(conn, SQL["write_activity"], [row for row in activity if row[3] is not None])
    await execute_keyed(conn, SQL["remove_activity"], [row[:2] for row in activity if row[3] is None])


def _running(each: Conversation) -> tuple[Any, ...]:
    totals = each.totals
    return (
        each.account_id,
        each.conv_key,
        each.last_message_event_id,
        each.last_message_appended_at,
        totals.first_message_at,
        totals.last_message_at,
        totals.last_activity_at,
        totals.customer_count,
        totals.assistant_count,
        totals.human_count,
        totals.template_count,
        totals.chatbot_id,
        totals.chatbot_name,
        totals.chatbot_version_at,
        totals.chatbot_event_id,
    )


_COLUMNS = (
    "account_id",
    "conv_key",
    "conversation_id",
    "thread_key",
    "contact_id",
    "environment",
    "status",
    "channel",
    "channel_address",
    "started_at",
    "opened_event_id",
    "opened_offset",
    "ended_at",
    "ended_recorded_at",
    "end_reason",
    "end_by_kind",
    "end_by_id",
    "end_by_name",
    "last_message_event_id",
    "last_message_appended_at",
    "nps",
    "csat",
    "has_comment",
    "transferred",
    "customer_files",
    "imported",
    "source_id",
    "previous_ended_at",
    "first_message_at",
    "last_message_at",
    "last_activity_at",
    "customer_count",
    "assistant_count",
    "human_count",
    "template_count",
    "chatbot_id",
    "chatbot_name",
    "chatbot_version_at",
    "chatbot_event_id",
    "assistants",
    "started_by_template",
    "openers",
    "firm",
    "has_files",
)
_ACTIVITY_AT = _COLUMNS.index("last_activity_at")
_ASSISTANTS_AT = _COLUMNS.index("assistants")


def _new_columns(world: World, each: Conversation) -> tuple[Any, ...]:
    """COPY takes the value of a jsonb column, statements take its text; the window is written once, at the opening."""
    row = _columns(world, each)
    assistants = msgspec.json.decode(row[_ASSISTANTS_AT])
    window = None if each.prelude_window is None else int(each.prelude_window.total_seconds())
    return (*row[:_ASSISTANTS_AT], assistants, *row[_ASSISTANTS_AT + 1 :], window)


def _columns(world: World, each: Conversation) -> tuple[Any, ...]:
    loose = [world.loose[key] for key in each.loose]
    totals = shown_totals(each, loose)
    return (
        each.account_id,
        each.conv_key,
        each.conversation_id,
        each.thread_key,
        each.contact_id,
        each.environment,
        each.status,
        each.channel,
        each.channel_address,
        each.started_at,
        each.opened_event_id,
        each.opened_offset,
        each.ended_at,
        each.ended_recorded_at,
        each.end_reason,
        each.end_by_kind,
        each.end_by_id,
        each.end_by_name,
        each.last_message_event_id,
        each.last_message_appended_at,
        number(each.nps),
        number(each.csat),
        each.has_comment,
        each.transferred,
        each.customer_files,
        each.imported,
        each.source_id,
        each.previous_ended_at,
        totals.first_message_at,
        totals.last_message_at,
        totals.last_activity_at,
        totals.customer_count,
        totals.assistant_count,
        totals.human_count,
        totals.template_count,
        totals.chatbot_id,
        totals.chatbot_name,
        totals.chatbot_version_at,
        totals.chatbot_event_id,
        assistants_json(totals.assistants) if totals.assistants else "[]",
        totals.started_by_template,
        to_json(each.openers) if each.openers else None,
        to_json(each.totals) if loose else None,
        each.customer_files > 0,
    )
