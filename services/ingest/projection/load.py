"""Loads the working set of a batch: everything its events may look at, in a few statements whatever its size.

Each statement looks rows up one by one, in a subquery that OFFSET keeps from being turned round: a plan made while a table
was small would read all of it, for as long as the plan is kept.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

import asyncpg

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.conversations.write import load_conversations
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.load_facts import load_facts
from services.ingest.projection.messages.load_places import load_mentioned_places
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.rows import MessageRow
from services.ingest.projection.people.merging import Identities
from services.ingest.projection.records import read_evaluation, read_thread
from services.ingest.projection.rules import Rules
from services.ingest.projection.threads.joining import gather_threads
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.load import load_loose
from services.ingest.projection.working_set import World

SQL = {
    name: text
    for path in sorted(Path(__file__).parent.glob("*/*.sql"))
    for name, text in load_statements(path).items()
}

_MESSAGE_COLUMNS = MessageRow.__struct_fields__


async def load_world(
    conn: Connection, world: World, mentions: Mapping[str, Mentions], identities: Identities, rules: Rules
) -> None:
    """Completes a world that holds its contacts; afterwards the fold needs nothing else."""
    await _load_threads(conn, world, mentions, identities)
    await load_mentioned_places(conn, world, mentions, identities)
    await _load_evaluations(conn, world, mentions)
    await load_conversations(conn, world, _wanted_conversations(world, mentions))
    await _load_imports(conn, world, mentions)
    await load_loose(conn, world, mentions, rules)
    await _load_messages(conn, world, mentions)
    await load_facts(conn, world, mentions)


async def _load_threads(
    conn: Connection, world: World, mentions: Mapping[str, Mentions], identities: Identities
) -> None:
    contacts = {(each.account_id, each.contact_id) for each in world.contacts.values() if not each.is_new}
    contacts |= identities.replaced.keys()
    rows = await fetch_keyed(conn, SQL["load_threads"], sorted(contacts))
    gather_threads(world, (read_thread(row) for row in rows), mentions, identities)


async def _load_evaluations(conn: Connection, world: World, mentions: Mapping[str, Mentions]) -> None:
    """The surveys that are named, and all of each conversation whose scores may change."""
    named_ids = {
        (named.account_id, thread_key, evaluation_id)
        for thread_key, named in mentions.items()
        if not world.threads[thread_key].is_new
        for evaluation_id in named.evaluation_ids
    }
    named_ids |= {
        (place.account_id, place.thread_key, place.evaluation_id)
        for place in world.places.values()
        if place.evaluation_id is not None and place.thread_key is not None
    }
    _take_evaluations(world, await fetch_keyed(conn, SQL["load_evaluations"], sorted(named_ids)))
    scored: set[tuple[int, int]] = set()
    for thread_key, named in mentions.items():
        if named.evaluation_ids:
            _add_current(scored, world.threads[thread_key])
    for item in world.evaluations.values():
        if item.conv_key is not None:
            scored.add((item.account_id, item.conv_key))
    rows = await fetch_keyed(conn, SQL["load_evaluations_of_conversations"], sorted(scored))
    _take_evaluations(world, rows)


def _take_evaluations(world: World, rows: Iterable[asyncpg.Record]) -> None:
    for row in rows:
        item = read_evaluation(row)
        thread = world.threads.get(item.thread_key)
        if thread is not None and (item.thread_key, item.evaluation_id) not in world.evaluations:
            world.evaluations[item.thread_key, item.evaluation_id] = item
            thread.surveys.append(item)


def _wanted_conversations(world: World, mentions: Mapping[str, Mentions]) -> set[tuple[int, int]]:
    """The current conversations, and those of everything loaded so far."""
    keys: set[tuple[int, int]] = set()
    for thread_key, named in mentions.items():
        thread = world.threads[thread_key]
        for each in thread.kin:
            _add_current(keys, each)
        if (
            thread.ended_at is not None
            and named.since < thread.ended_at
            and thread.ended_conv_key is not None
        ):
            keys.add((thread.account_id, thread.ended_conv_key))
    for circle in world.merged:
        for each in circle:
            _add_current(keys, each)
    for place in world.places.values():
        if place.conv_key is not None:
            keys.add((place.account_id, place.conv_key))
    for item in world.evaluations.values():
        if item.conv_key is not None:
            keys.add((item.account_id, item.conv_key))
    return keys


def _add_current(keys: set[tuple[int, int]], thread: ThreadState) -> None:
    for conv_key in (thread.last_conv_key, thread.open_conv_key):
        if conv_key is not None:
            keys.add((thread.account_id, conv_key))


async def _load_imports(conn: Connection, world: World, mentions: Mapping[str, Mentions]) -> None:
    threads = [
        (named.account_id, thread_key)
        for thread_key, named in mentions.items()
        if named.imports and not world.threads[thread_key].is_new
    ]
    rows = await fetch_keyed(conn, SQL["find_imports"], threads)
    await load_conversations(conn, world, [(row["account_id"], row["conv_key"]) for row in rows])


async def _load_messages(conn: Connection, world: World, mentions: Mapping[str, Mentions]) -> None:
    """Rows of messages that something happens to: named by facts, waiting for what they answer, or of merged threads."""
    wanted: dict[UUID, Place] = {}
    for thread_key, named in mentions.items():
        texts = named.status_ids | named.fact_ids
        for each in world.threads[thread_key].kin if texts else ():
            for text in texts:
                _want(world, wanted, each.message_key(text))
    for waiting in world.pending.values():
        for _, message_key in waiting:
            _want(world, wanted, message_key)
    for circle in world.merged:
        prefixes = {each.key_prefix for each in circle}
        for key in world.places:
            if key.bytes[:8] in prefixes:
                _want(world, wanted, key)
    rows = [
        (each.account_id, each.conv_key, each.sort_at, each.message_key) for _, each in sorted(wanted.items())
    ]
    for row in await fetch_keyed(conn, SQL["load_messages"], rows):
        message = MessageRow(**{name: row[name] for name in _MESSAGE_COLUMNS})
        world.messages[message.message_key] = message


def _want(world: World, wanted: dict[UUID, Place], key: UUID) -> None:
    place = world.places.get(key)
    if place is not None and place.conv_key is not None and place.sort_at is not None:
        wanted[key] = place
