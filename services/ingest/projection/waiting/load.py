"""Loose messages in the database: loaded with every conversation they may belong to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.conversations.write import SQL as CONVERSATIONS
from services.ingest.projection.conversations.write import load_conversations
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.load_places import load_places
from services.ingest.projection.records import read_loose
from services.ingest.projection.rules import Rules
from services.ingest.projection.waiting.reach import Since, loose_since, lower
from services.ingest.projection.working_set import World

SQL = load_statements(Path(__file__).with_name("waiting.sql"))


async def load_loose(conn: Connection, world: World, mentions: Mapping[str, Mentions], rules: Rules) -> None:
    """Loads the loose messages near a batch, then the conversations near them, until neither names more."""
    since = loose_since(world, mentions, rules.longest_window)
    rows = [
        (thread.account_id, thread_key, since[thread_key])
        for thread_key, thread in sorted(world.threads.items())
        if thread.has_loose and thread_key in since
    ]
    await _take(conn, world, "load_loose_since", rows)
    looked: Since = {}
    while True:
        await _take_targets(conn, world)
        await _take_standing(conn, world)
        near = _near(world, mentions, looked)
        if not near:
            break
        found = await fetch_keyed(conn, CONVERSATIONS["find_conversations_near"], near)
        await load_conversations(conn, world, [(row["account_id"], row["conv_key"]) for row in found])
    lacking = [(each.account_id, key) for key, each in world.loose.items()]
    await load_places(conn, world, lacking)


async def _take_targets(conn: Connection, world: World) -> None:
    """What loose messages and first customer messages answer decides where loose messages belong."""
    keys: set[tuple[int, UUID]] = set()
    for message in world.loose.values():
        if message.content.reply_target is not None:
            keys |= _everywhere(world, message.thread_key, message.content.reply_target)
    for conversation in world.conversations.values():
        thread = world.threads[conversation.thread_key]
        for opener in conversation.openers if any(each.has_loose for each in thread.kin) else ():
            if opener.reply_to is not None:
                keys |= _everywhere(world, conversation.thread_key, opener.reply_to)
    targets = await load_places(conn, world, keys)
    standing = [(place.account_id, place.conv_key) for place in targets if place.conv_key is not None]
    await load_conversations(conn, world, standing)
    before = len(world.loose)
    loose = [
        (place.account_id, key)
        for key, place in world.places.items()
        if place.loose and key not in world.loose
    ]
    await _take(conn, world, "load_loose_by_key", sorted(loose))
    if len(world.loose) > before:
        await _take_targets(conn, world)


def _everywhere(world: World, thread_key: str, message_id: str) -> set[tuple[int, UUID]]:
    circle = world.threads[thread_key].kin
    return {(each.account_id, each.message_key(message_id)) for each in circle if not each.is_new}


async def _take(conn: Connection, world: World, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    for row in await fetch_keyed(conn, SQL[statement], rows):
        if row["message_key"] not in world.loose:
            message = read_loose(row)
            world.loose[message.message_key] = message


async def _take_standing(conn: Connection, world: World) -> None:
    """A conversation that holds loose messages can only be written when all of them are there."""
    before = len(world.loose)
    holding = [each for each in world.conversations.values() if each.has_loose]
    await _take(
        conn, world, "load_loose_of_conversations", [(each.account_id, each.conv_key) for each in holding]
    )
    for conversation in holding:
        conversation.has_loose = False
    for message in world.loose.values():
        if message.conv_key is not None:
            standing = world.conversations.get((message.account_id, message.conv_key))
            if standing is not None:
                standing.loose[message.message_key] = message.stands_as
    lacking = [
        (each.account_id, key)
        for each in world.loose.values()
        for key in (each.conv_key, each.content.fallback)
        if key is not None and (each.account_id, key) not in world.conversations
    ]
    known = len(world.conversations)
    await load_conversations(conn, world, lacking)
    if len(world.loose) > before or len(world.conversations) > known:
        await _take_targets(conn, world)
        await _take_standing(conn, world)


def _near(world: World, mentions: Mapping[str, Mentions], looked: Since) -> list[tuple[int, str, datetime]]:
    """Threads whose conversations from a time on must be known, earlier than was looked for already."""
    wanted: Since = {}
    for message in world.loose.values():
        thread = world.threads[message.thread_key]
        for each in thread.kin:
            lower(wanted, each.thread_key, message.occurred_at)
    for thread_key, named in mentions.items():
        thread = world.threads[thread_key]
        if named.sends and (named.sends_loose or named.bounds or thread.open_conv_key is None):
            for each in thread.kin:
                lower(wanted, each.thread_key, named.since)
    near = []
    for thread_key, at in sorted(wanted.items()):
        thread = world.threads[thread_key]
        if thread.last_conv_key is None or (thread_key in looked and looked[thread_key] <= at):
            continue
        looked[thread_key] = at
        near.append((thread.account_id, thread_key, at))
    return near
