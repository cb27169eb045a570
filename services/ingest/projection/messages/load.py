"""Messages in the database: where they stand, what waits for them, their rows, and what happened to them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

import asyncpg

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.place import MESSAGE_PLACE, Place
from services.ingest.projection.messages.replies_awaited import AwaitingReply
from services.ingest.projection.messages.rows import MESSAGE, MessageRow
from services.ingest.projection.people.merging import Identities
from services.ingest.projection.statements import reader
from services.ingest.projection.working_set import WorkingSet

SQL = load_statements(Path(__file__).with_name("messages.sql"))

MessageRef = tuple[int, UUID]
"""Account and message key."""

_read_place = reader(Place, MESSAGE_PLACE.columns)
_read_message = reader(MessageRow, MESSAGE.columns)


async def load_places(conn: Connection, work: WorkingSet, keys: Iterable[MessageRef]) -> list[Place]:
    """Loads places that are not loaded yet, and answers them. One look tells whether a message is known, and where."""
    wanted = sorted({key for key in keys if key[1] not in work.places})
    return _take(work, await fetch_keyed(conn, SQL["load_places"], wanted))


async def load_mentioned_places(
    conn: Connection, work: WorkingSet, mentions: Mapping[str, Mentions], identities: Identities
) -> None:
    """Loads the places of every message a batch names, on its thread and on linked ones, and of replies to them."""
    keys: set[MessageRef] = set()
    for thread_key, named in mentions.items():
        for each in work.threads[thread_key].linked:
            if not work.threads.is_new(each.thread_key):
                keys.update((each.account_id, each.message_key(id_)) for id_ in named.message_ids)
    await load_places(conn, work, keys)
    await _load_expected(conn, work, identities)
    await _load_replies(conn, work)


async def load_messages(conn: Connection, work: WorkingSet, mentions: Mapping[str, Mentions]) -> None:
    """Rows of messages that something happens to: named by events, waiting for what they answer, of merged threads."""
    keys = {key for _, key in work.replies}
    for thread_key, named in mentions.items():
        ids = named.status_ids | named.update_ids
        keys.update(each.message_key(id_) for each in work.threads[thread_key].linked for id_ in ids)
    for place in work.places.values():
        keys.update(key for _, key in twins_of(work, place))
    keys.update(keys_of_merged(work))
    rows = []
    for key in sorted(keys):
        place_of = work.places.get(key)
        if place_of is not None and place_of.conv_key is not None:
            rows.append((place_of.account_id, place_of.conv_key, place_of.sort_at, key))
    for row in await fetch_keyed(conn, SQL["load_messages"], rows):
        message = _read_message(row)
        work.messages.load(message.message_key, message)


def twins_of(work: WorkingSet, place: Place) -> list[MessageRef]:
    """The keys that the message of a parked place has on all threads linked with its own: what is parked holds for them."""
    if not place.parked or place.thread_key is None or place.message_id is None:
        return []
    thread = work.threads.get(place.thread_key)
    if thread is None or thread.alone:
        return []
    return [(each.account_id, each.message_key(place.message_id)) for each in thread.linked]


def keys_of_merged(work: WorkingSet) -> list[UUID]:
    """The keys of all loaded places on threads that were linked by this batch."""
    prefixes = {each.key_prefix for linked in work.merged for each in linked}
    return [key for key in work.places if key.bytes[:8] in prefixes] if prefixes else []


async def _load_expected(conn: Connection, work: WorkingSet, identities: Identities) -> None:
    """Threads of contacts that were just merged compare what they expect of each other."""
    merged = {(account_id, now) for (account_id, _), now in identities.replaced.items()}
    for linked in work.linked_threads.values():
        if len(linked) > 1 and (linked[0].account_id, linked[0].contact_id) in merged:
            work.merged.append(linked)
    threads = [(each.account_id, each.thread_key) for linked in work.merged for each in linked]
    _take(work, await fetch_keyed(conn, SQL["load_expected_places"], sorted(threads)))
    keys: set[MessageRef] = set()
    for linked in work.merged:
        names = {each.thread_key for each in linked}
        expected = {
            place.message_id
            for place in work.places.values()
            if place.thread_key in names and place.message_id is not None
        }
        keys.update((each.account_id, each.message_key(id_)) for each in linked for id_ in expected)
    await load_places(conn, work, keys)


async def _load_replies(conn: Connection, work: WorkingSet) -> None:
    awaited = [(each.account_id, key) for key, each in work.places.items() if each.awaited]
    waiting: set[MessageRef] = set()
    for row in await fetch_keyed(conn, SQL["load_pending"], sorted(awaited)):
        target = work.places[row["target_key"]]
        if target.thread_key is not None and target.message_id is not None:
            reply = AwaitingReply(
                target.account_id,
                target.message_key,
                row["message_key"],
                target.thread_key,
                target.message_id,
            )
            work.replies.load((reply.target_key, reply.message_key), reply)
            waiting.add((target.account_id, reply.message_key))
    await load_places(conn, work, waiting)


def _take(work: WorkingSet, rows: Iterable[asyncpg.Record]) -> list[Place]:
    places = []
    for place in map(_read_place, rows):
        if place.message_key not in work.places:
            work.places.load(place.message_key, place)
        places.append(place)
    return places
