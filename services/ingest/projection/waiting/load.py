"""Waiting messages in the database: loaded with every conversation they may belong to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.conversations.load import SQL as CONVERSATIONS
from services.ingest.projection.conversations.load import load_conversations
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.load import load_places
from services.ingest.projection.rules import Rules
from services.ingest.projection.waiting.state import WaitingContent, WaitingMessage
from services.ingest.projection.waiting.window import Since, lower, waiting_since
from services.ingest.projection.working_set import ConversationKey, WorkingSet

_CONTENT = msgspec.json.Decoder(WaitingContent)

SQL = load_statements(Path(__file__).with_name("waiting.sql"))


async def load_waiting(
    conn: Connection, work: WorkingSet, mentions: Mapping[str, Mentions], rules: Rules
) -> None:
    """Loads the waiting messages near a batch, then the conversations near them, until neither names more."""
    since = waiting_since(work, mentions, rules.longest_window)
    rows = [
        (thread.account_id, thread_key, since[thread_key])
        for thread_key, thread in sorted(work.threads.items())
        if thread.has_waiting and thread_key in since
    ]
    await _take(conn, work, "load_waiting_since", rows)
    looked: Since = {}
    whole: set[ConversationKey] = set()
    while True:
        await _take_targets(conn, work)
        await _take_standing(conn, work, whole)
        near = _near(work, mentions, looked)
        if not near:
            break
        found = await fetch_keyed(conn, CONVERSATIONS["find_conversations_near"], near)
        await load_conversations(conn, work, [(row["account_id"], row["conv_key"]) for row in found])
    lacking = [(each.account_id, key) for key, each in work.waiting.items()]
    await load_places(conn, work, lacking)


async def _take_targets(conn: Connection, work: WorkingSet) -> None:
    """What waiting messages and first customer messages answer decides where waiting messages belong."""
    keys: set[tuple[int, UUID]] = set()
    for message in work.waiting.values():
        if message.content.reply_target is not None:
            keys |= _everywhere(work, message.thread_key, message.content.reply_target)
    for conversation in work.conversations.values():
        thread = work.threads[conversation.thread_key]
        for opener in conversation.openers if any(each.has_waiting for each in thread.linked) else ():
            if opener.reply_to is not None:
                keys |= _everywhere(work, conversation.thread_key, opener.reply_to)
    targets = await load_places(conn, work, keys)
    standing = [(place.account_id, place.conv_key) for place in targets if place.conv_key is not None]
    await load_conversations(conn, work, standing)
    before = len(work.waiting)
    lacking = [
        (place.account_id, key)
        for key, place in work.places.items()
        if place.waiting and key not in work.waiting
    ]
    await _take(conn, work, "load_waiting_by_key", sorted(lacking))
    if len(work.waiting) > before:
        await _take_targets(conn, work)


def _everywhere(work: WorkingSet, thread_key: str, message_id: str) -> set[tuple[int, UUID]]:
    group = work.threads[thread_key].linked
    return {
        (each.account_id, each.message_key(message_id))
        for each in group
        if not work.threads.is_new(each.thread_key)
    }


async def _take(
    conn: Connection, work: WorkingSet, statement: str, rows: Sequence[tuple[object, ...]]
) -> None:
    for row in await fetch_keyed(conn, SQL[statement], rows):
        if row["message_key"] not in work.waiting:
            message = _read(row)
            work.waiting.load(message.message_key, message)


async def _take_standing(conn: Connection, work: WorkingSet, whole: set[ConversationKey]) -> None:
    """A conversation that holds waiting messages can only be written when all of them are there; `whole` are those."""
    before = len(work.waiting)
    holding = [
        key for key, each in work.conversations.items() if each.own_totals is not None and key not in whole
    ]
    await _take(conn, work, "load_waiting_of_conversations", holding)
    whole.update(holding)
    lacking = [
        (each.account_id, key)
        for each in work.waiting.values()
        for key in (each.conv_key, each.content.fallback)
        if key is not None and (each.account_id, key) not in work.conversations
    ]
    known = len(work.conversations)
    await load_conversations(conn, work, lacking)
    if len(work.waiting) > before or len(work.conversations) > known:
        await _take_targets(conn, work)
        await _take_standing(conn, work, whole)


def _near(
    work: WorkingSet, mentions: Mapping[str, Mentions], looked: Since
) -> list[tuple[int, str, datetime]]:
    """Threads whose conversations from a time on must be known, earlier than was looked for already."""
    wanted: Since = {}
    for message in work.waiting.values():
        thread = work.threads[message.thread_key]
        for each in thread.linked:
            lower(wanted, each.thread_key, message.occurred_at)
    for thread_key, named in mentions.items():
        thread = work.threads[thread_key]
        if named.sends and (named.sends_waiting or named.bounds or thread.open_conv_key is None):
            for each in thread.linked:
                lower(wanted, each.thread_key, named.since)
    near = []
    for thread_key, at in sorted(wanted.items()):
        thread = work.threads[thread_key]
        if thread.last_conv_key is None or (thread_key in looked and looked[thread_key] <= at):
            continue
        looked[thread_key] = at
        near.append((thread.account_id, thread_key, at))
    return near


def _read(row: asyncpg.Record) -> WaitingMessage:
    values = dict(row)
    values["content"] = _CONTENT.decode(values.pop("message"))
    return WaitingMessage(**values)
