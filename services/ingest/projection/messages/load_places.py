"""Places of messages in the database: one look tells whether a message is known, and where."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

import asyncpg

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.place import Place
from services.ingest.projection.people.merging import Identities
from services.ingest.projection.records import read_place
from services.ingest.projection.working_set import World

SQL = load_statements(Path(__file__).with_name("messages.sql"))

Keys = set[tuple[int, UUID]]


async def load_places(conn: Connection, world: World, keys: Iterable[tuple[int, UUID]]) -> list[Place]:
    """Loads places that are not loaded yet, and answers them."""
    wanted = sorted({key for key in keys if key[1] not in world.places})
    return _take(world, await fetch_keyed(conn, SQL["load_places"], wanted))


async def load_mentioned_places(
    conn: Connection, world: World, mentions: Mapping[str, Mentions], identities: Identities
) -> None:
    """Loads the places of every message a batch names, on its thread and on linked ones, and of replies to them."""
    keys: Keys = set()
    for thread_key, named in mentions.items():
        for each in world.threads[thread_key].kin:
            if not each.is_new:
                keys.update((each.account_id, each.message_key(text)) for text in named.message_ids)
    await load_places(conn, world, keys)
    await _load_expected(conn, world, identities)
    await _load_replies(conn, world)


async def _load_expected(conn: Connection, world: World, identities: Identities) -> None:
    """Threads of contacts that were just merged compare what they expect of each other."""
    merged = {(account_id, now) for (account_id, _), now in identities.replaced.items()}
    for circle in world.circles.values():
        if len(circle) > 1 and (circle[0].account_id, circle[0].contact_id) in merged:
            world.merged.append(circle)
            world.unsettle(circle[0])
    threads = [(each.account_id, each.thread_key) for circle in world.merged for each in circle]
    _take(world, await fetch_keyed(conn, SQL["load_expected_places"], sorted(threads)))
    keys: Keys = set()
    for circle in world.merged:
        names = {each.thread_key for each in circle}
        expected = {
            place.message_id
            for place in world.places.values()
            if place.thread_key in names and place.message_id is not None
        }
        keys.update((each.account_id, each.message_key(text)) for each in circle for text in expected)
    await load_places(conn, world, keys)


async def _load_replies(conn: Connection, world: World) -> None:
    awaited = [(each.account_id, key) for key, each in world.places.items() if each.awaited]
    replies: Keys = set()
    for row in await fetch_keyed(conn, SQL["load_pending"], sorted(awaited)):
        target = world.places[row["target_key"]]
        if target.thread_key is not None and target.message_id is not None:
            waiting = world.pending.setdefault(target.thread_key, set())
            waiting.add((target.message_id, row["message_key"]))
            replies.add((target.account_id, row["message_key"]))
    await load_places(conn, world, replies)


def _take(world: World, rows: Iterable[asyncpg.Record]) -> list[Place]:
    places = [read_place(row) for row in rows]
    for place in places:
        world.places.setdefault(place.message_key, place)
    return places
