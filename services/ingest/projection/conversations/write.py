"""Conversations in the database: loaded by key, written whole when they changed."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from services.chassis.keyed import execute_keyed, fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.conversations.totals import shown_totals
from services.ingest.projection.json_text import to_json
from services.ingest.projection.records import assistants_json, number, read_conversation
from services.ingest.projection.working_set import World

SQL = load_statements(Path(__file__).with_name("conversations.sql"))


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
    new = [(*_changing(world, each), *_fixed(each)) for each in changed if each.is_new]
    if new:
        await conn.copy_records_to_table(
            "conversation", records=map(_for_copy, new), columns=_CHANGING + _FIXED
        )
    rewritten = [
        _changing(world, each) for each in changed if not each.is_new and (each.rewrite or each.loose)
    ]
    await execute_keyed(conn, SQL["change_conversations"], rewritten)
    running = [each for each in changed if not (each.is_new or each.rewrite or each.loose)]
    await execute_keyed(conn, SQL["write_running_totals"], map(_running, running))
    await _write_activity(conn, world, [row[:2] + row[_AT : _AT + 1] for row in new], known=False)
    activity = [row[:2] + row[_AT : _AT + 1] for row in rewritten]
    activity += [(each.account_id, each.conv_key, each.totals.last_activity_at) for each in running]
    await _write_activity(conn, world, activity, known=True)


async def _write_activity(
    conn: Connection, world: World, rows: Iterable[tuple[int, int, datetime | None]], *, known: bool
) -> None:
    """Lines of the order of activity: account, key, last activity. A conversation without any has no line."""
    lines = []
    quiet = []
    for account_id, conv_key, at in rows:
        if at is None:
            quiet.append((account_id, conv_key))
        else:
            environment = world.conversations[account_id, conv_key].environment
            lines.append((account_id, conv_key, environment, at))
    if known:
        await execute_keyed(conn, SQL["write_activity"], lines)
        await execute_keyed(conn, SQL["remove_activity"], quiet)
    elif lines:
        await conn.copy_records_to_table("conversation_activity", records=lines, columns=_ACTIVITY)


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


_CHANGING = (
    "account_id",
    "conv_key",
    "contact_id",
    "status",
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
    "source_id",
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
_FIXED = (
    "conversation_id",
    "thread_key",
    "environment",
    "channel",
    "channel_address",
    "started_at",
    "opened_event_id",
    "opened_position",
    "imported",
    "previous_ended_at",
    "prelude_window_seconds",
)
"""What a conversation is opened with."""
_ACTIVITY = ("account_id", "conv_key", "environment", "last_activity_at")
_AT = _CHANGING.index("last_activity_at")
_ASSISTANTS_AT = _CHANGING.index("assistants")


def _for_copy(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """COPY takes the value of a jsonb column, statements take its text."""
    assistants = msgspec.json.decode(row[_ASSISTANTS_AT])
    return (*row[:_ASSISTANTS_AT], assistants, *row[_ASSISTANTS_AT + 1 :])


def _fixed(each: Conversation) -> tuple[Any, ...]:
    window = each.prelude_window
    return (
        each.conversation_id,
        each.thread_key,
        each.environment,
        each.channel,
        each.channel_address,
        each.started_at,
        each.opened_event_id,
        each.opened_position,
        each.imported,
        each.previous_ended_at,
        None if window is None else int(window.total_seconds()),
    )


def _changing(world: World, each: Conversation) -> tuple[Any, ...]:
    loose = [world.loose[key] for key in each.loose]
    totals = shown_totals(each, loose)
    return (
        each.account_id,
        each.conv_key,
        each.contact_id,
        each.status,
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
        each.source_id,
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
