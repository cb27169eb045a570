"""What happened to messages, in the database: loaded for what a batch may show otherwise."""

from collections.abc import Mapping

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.ingest.projection.files.load import load_files
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.load import SQL, MessageRef, keys_of_merged, twins_of
from services.ingest.projection.messages.rows import (
    MESSAGE_REACTION,
    MESSAGE_REVISION,
    MESSAGE_STATUS,
    ReactionRow,
    RevisionRow,
    StatusRow,
)
from services.ingest.projection.statements import reader
from services.ingest.projection.working_set import WorkingSet

_read_status = reader(StatusRow, MESSAGE_STATUS.columns)
_read_revision = reader(RevisionRow, MESSAGE_REVISION.columns)
_read_reaction = reader(ReactionRow, MESSAGE_REACTION.columns)


async def load_updates(conn: Connection, work: WorkingSet, mentions: Mapping[str, Mentions]) -> None:
    """Loads statuses for messages whose status changes, everything for those that more happens to."""
    statuses, everything = _keys(work, mentions)
    for row in map(
        _read_status, await fetch_keyed(conn, SQL["load_statuses"], sorted(statuses | everything))
    ):
        work.statuses.load(row.message_key, (row.part_index, row.status, row.occurred_at), row)
    keys = sorted(everything)
    for revision in map(_read_revision, await fetch_keyed(conn, SQL["load_revisions"], keys)):
        work.revisions.load(revision.message_key, (revision.occurred_at, revision.event_id), revision)
    for reaction in map(_read_reaction, await fetch_keyed(conn, SQL["load_reactions"], keys)):
        work.reactions.load(reaction.message_key, (reaction.actor_kind, reaction.actor_id), reaction)
    await load_files(conn, work, keys)


def _keys(work: WorkingSet, mentions: Mapping[str, Mentions]) -> tuple[set[MessageRef], set[MessageRef]]:
    """Keys of which statuses are needed, and keys of which all is needed. A new thread has nothing yet."""
    statuses: set[MessageRef] = set()
    everything: set[MessageRef] = set()
    for key, place in work.places.items():
        if place.parked or place.waiting:
            everything.add((place.account_id, key))
            everything.update(twins_of(work, place))
    for thread_key, named in mentions.items():
        thread = work.threads[thread_key]
        if not work.threads.is_new(thread_key):
            statuses.update((thread.account_id, thread.message_key(id_)) for id_ in named.status_ids)
            everything.update((thread.account_id, thread.message_key(id_)) for id_ in named.update_ids)
        for other in work.others_linked(thread):
            everything.update((other.account_id, other.message_key(id_)) for id_ in named.message_ids)
    everything.update((work.places[key].account_id, key) for key in keys_of_merged(work))
    return statuses, everything
