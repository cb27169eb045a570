"""What hangs on messages, in the database: loaded for what a batch touches, written where it changed."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.files.rows import FileRow
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.rows import ReactionRow, RevisionRow, StatusRow
from services.ingest.projection.working_set import World

SQL = load_statements(Path(__file__).with_name("messages.sql"))
FILES = load_statements(Path(__file__).parent.parent / "files" / "files.sql")

Keys = set[tuple[int, UUID]]


async def load_facts(conn: Connection, world: World, mentions: Mapping[str, Mentions]) -> None:
    """Loads statuses for messages whose status changes, everything for those that more happens to."""
    statuses, everything = _keys(world, mentions)
    await _statuses(conn, world, statuses | everything)
    if not everything:
        return
    rows = sorted(everything)
    for row in await fetch_keyed(conn, SQL["load_revisions"], rows):
        revision = RevisionRow(*row)
        world.facts_of(revision.message_key).revisions[revision.occurred_at, revision.event_id] = revision
    for row in await fetch_keyed(conn, SQL["load_reactions"], rows):
        reaction = ReactionRow(*row)
        world.facts_of(reaction.message_key).reactions[reaction.actor_kind, reaction.actor_id] = reaction
    for row in await fetch_keyed(conn, FILES["load_files"], rows):
        file = FileRow(*row)
        facts = world.facts_of(file.message_key)
        facts.files[file.part_index] = file
        if file.from_customer and file.conv_key is not None:
            facts.counted_files += 1


def _keys(world: World, mentions: Mapping[str, Mentions]) -> tuple[Keys, Keys]:
    """Keys of which statuses are needed, and keys of which all is needed. A new thread has nothing yet."""
    statuses: Keys = set()
    everything: Keys = {
        (place.account_id, key) for key, place in world.places.items() if place.parked or place.loose
    }
    for thread_key, named in mentions.items():
        thread = world.threads[thread_key]
        linked = world.linked(thread)
        for texts, keys in ((named.status_ids, statuses), (named.fact_ids, everything)):
            for text in texts:
                if not thread.is_new:
                    keys.add((thread.account_id, thread.message_key(text)))
                everything.update(
                    (other.account_id, other.message_key(text)) for other in linked if not other.is_new
                )
        if linked:
            everything.update(
                (each.account_id, each.message_key(text))
                for each in linked
                for text in named.message_ids
                if not each.is_new
            )
    for circle in world.merged:
        prefixes = {each.key_prefix for each in circle}
        everything.update(
            (place.account_id, key) for key, place in world.places.items() if key.bytes[:8] in prefixes
        )
    return statuses, everything


async def _statuses(conn: Connection, world: World, keys: Keys) -> None:
    for row in await fetch_keyed(conn, SQL["load_statuses"], sorted(keys)):
        status = StatusRow(*row)
        key = (status.part_index, status.status, status.occurred_at)
        world.facts_of(status.message_key).statuses[key] = status
