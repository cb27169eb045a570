"""Projects a batch of logged events: loads what it touches, folds it, writes what changed."""

from collections.abc import Sequence
from pathlib import Path

from asyncpg.pgproto import pgproto
from bitacora_schemas.codes import Status

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.annotations.write import write_annotations
from services.ingest.projection.conversations.changes import ChangedConversations, changed_conversations
from services.ingest.projection.conversations.lifecycle import lifecycle_record
from services.ingest.projection.conversations.sort_keys import free_sort_keys
from services.ingest.projection.conversations.write import write_conversations
from services.ingest.projection.evaluations.write import write_evaluations
from services.ingest.projection.files.write import write_files
from services.ingest.projection.load import load_working_set
from services.ingest.projection.messages.changes import reworded_conversations
from services.ingest.projection.messages.write import write_messages, write_updates
from services.ingest.projection.outcome import ProjectionOutcome, TouchedConversation
from services.ingest.projection.people.load import load_people
from services.ingest.projection.people.merging import merge_people
from services.ingest.projection.people.write import write_people
from services.ingest.projection.reduce import collect, reduce
from services.ingest.projection.rules import Rules
from services.ingest.projection.threads.write import write_threads
from services.ingest.projection.waiting.write import write_waiting
from services.ingest.projection.working_set import WorkingSet

SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def project(conn: Connection, events: Sequence[LoggedEvent], rules: Rules) -> ProjectionOutcome:
    """Folds new events into the projection tables of the connection's search_path; inside the caller's transaction.

    `events` are in log order per thread, each event id once and none that was projected before. The result does
    not depend on how a log is cut into batches, nor on how its threads are interleaved. Locks the contacts touched
    until the transaction ends; two batches that merge the same contacts may meet in a deadlock, which is transient.
    """
    if not events:
        return ProjectionOutcome()
    await conn.execute(SQL["prepare_planner"])
    mentions, claims = collect(events)
    work = WorkingSet(pgproto.UUID)
    people = await load_people(conn, work, claims)
    identities = merge_people(work, people)
    await load_working_set(conn, work, mentions, identities, rules)
    reduce(work, events, rules)
    await free_sort_keys(conn, work)
    await write_people(conn, work, people, identities.replaced)
    changed = changed_conversations(work)
    await _write(conn, work, changed)
    outcome = ProjectionOutcome(
        lifecycle=tuple(lifecycle_record(*decision) for decision in work.decisions),
        touched=_touched(work, changed),
        counts=work.counts,
    )
    work.dissolve()
    return outcome


async def _write(conn: Connection, work: WorkingSet, changed: ChangedConversations) -> None:
    await write_threads(conn, work)
    await write_conversations(conn, work, changed)
    await write_messages(conn, work)
    await write_updates(conn, work)
    await write_files(conn, work)
    await write_evaluations(conn, work)
    await write_waiting(conn, work)
    await write_annotations(conn, work)


def _touched(work: WorkingSet, changed: ChangedConversations) -> tuple[TouchedConversation, ...]:
    """Conversations that changed, or in which something reads otherwise."""
    keys = {*changed.keys(), *reworded_conversations(work)}
    keys.update(
        (item.account_id, item.conv_key) for item in work.evaluations.written() if item.conv_key is not None
    )
    keys.update((each.account_id, each.conv_key) for each in work.transfers.values())
    ended = Status.ENDED
    return tuple(TouchedConversation(*key, work.conversations[key].status == ended) for key in sorted(keys))
