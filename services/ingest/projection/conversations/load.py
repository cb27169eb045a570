"""Conversations in the database: loaded by key, and found by thread."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.conversations.state import (
    TOTALS,
    Assistant,
    Conversation,
    ConversationRow,
    Opener,
    Totals,
)
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.statements import reader
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import ConversationKey, WorkingSet

SQL = load_statements(Path(__file__).with_name("conversations.sql"))


class _StoredAssistant(Struct):
    """An `Assistant` as `conversation.assistants` keeps it: by names."""

    id: str | None
    name: str | None
    at: datetime
    event_id: UUID
    named_at: datetime | None
    named_by: UUID | None


_OPENERS = msgspec.json.Decoder(list[Opener])
_OWN_TOTALS = msgspec.json.Decoder(Totals)
_ASSISTANTS = msgspec.json.Decoder(list[_StoredAssistant])

_read_row = reader(Conversation, ConversationRow.__struct_fields__)
_read_totals = reader(lambda *values: Totals(**dict(zip(TOTALS, values, strict=True))), TOTALS)


async def load_conversations(conn: Connection, work: WorkingSet, keys: Iterable[ConversationKey]) -> None:
    """Loads conversations that are not loaded yet, and hands them to their threads."""
    wanted = sorted(set(keys) - work.conversations.keys())
    for row in await fetch_keyed(conn, SQL["load_conversations"], wanted):
        conversation = _read(row)
        work.conversations.load(conversation.key, conversation)
        thread = work.threads[conversation.thread_key]
        conversation.contact_id = thread.contact_id
        thread.conversations[conversation.conv_key] = conversation


async def load_named_conversations(
    conn: Connection, work: WorkingSet, mentions: Mapping[str, Mentions]
) -> None:
    """Loads the current conversations, those of everything loaded so far, and imported ones where there is history."""
    await load_conversations(conn, work, _wanted(work, mentions))
    threads = [
        (named.account_id, thread_key)
        for thread_key, named in mentions.items()
        if named.imports and not work.threads.is_new(thread_key)
    ]
    rows = await fetch_keyed(conn, SQL["find_imports"], threads)
    await load_conversations(conn, work, [(row["account_id"], row["conv_key"]) for row in rows])


def _wanted(work: WorkingSet, mentions: Mapping[str, Mentions]) -> set[ConversationKey]:
    keys: set[ConversationKey] = set()
    for thread_key, named in mentions.items():
        thread = work.threads[thread_key]
        for each in thread.linked:
            _add_current(keys, each)
        ended = thread.ended_conv_key
        if ended is not None and thread.ended_at is not None and named.since < thread.ended_at:
            keys.add((thread.account_id, ended))
    for linked in work.merged:
        for each in linked:
            _add_current(keys, each)
    for place in work.places.values():
        if place.conv_key is not None:
            keys.add((place.account_id, place.conv_key))
    for item in work.evaluations.values():
        if item.conv_key is not None:
            keys.add((item.account_id, item.conv_key))
    return keys


def _add_current(keys: set[ConversationKey], thread: ThreadState) -> None:
    for conv_key in (thread.last_conv_key, thread.open_conv_key):
        if conv_key is not None:
            keys.add((thread.account_id, conv_key))


def _read(row: asyncpg.Record) -> Conversation:
    conversation = _read_row(row)
    if row["openers"] is not None:
        conversation.openers = _OPENERS.decode(row["openers"])
    if conversation.own_totals is not None:
        conversation.totals = _OWN_TOTALS.decode(conversation.own_totals)
        return conversation
    conversation.totals = _read_totals(row)
    conversation.totals.assistants = [
        Assistant(*astuple(each)) for each in _ASSISTANTS.decode(row["assistants"])
    ]
    return conversation
