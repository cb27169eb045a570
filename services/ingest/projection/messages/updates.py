"""What happens to a message besides its words (§7, §8): each kind merges so that order does not matter.

It may come before the message, and under the id that a linked thread has for it; it is kept under the key it names.
"""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from services.ingest.projection.files.merging import put_reported
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.rows import ReactionRow, RevisionRow, StatusRow
from services.ingest.projection.working_set import Occurrence, WorkingSet

Statuses = dict[tuple[int, str, datetime], StatusRow]
Revisions = dict[tuple[datetime, UUID], RevisionRow]
Reactions = dict[tuple[str, str], ReactionRow]


def put_status(statuses: Statuses, row: StatusRow) -> None:
    """Adds a status; the same one coming twice keeps the smaller event id."""
    key = (row.part_index, row.status, row.occurred_at)
    known = statuses.get(key)
    if known is None or known.event_id > row.event_id:
        statuses[key] = row


def put_revision(revisions: Revisions, row: RevisionRow) -> None:
    """Adds an edit or deletion, once."""
    revisions.setdefault((row.occurred_at, row.event_id), row)


def put_reaction(reactions: Reactions, row: ReactionRow) -> None:
    """Lets the last reaction of each actor win by time and id."""
    key = (row.actor_kind, row.actor_id)
    known = reactions.get(key)
    if known is None or (known.occurred_at, known.event_id) < (row.occurred_at, row.event_id):
        reactions[key] = row


def park(place: Place, seen: Occurrence, message_id: str) -> None:
    """Notes that something was put under the key of a message that has not come: it waits there (§7)."""
    if not place.known and not place.parked:
        place.parked = True
        place.expect(seen.thread.thread_key, message_id)


def share_parked(work: WorkingSet) -> None:
    """Gives what is parked under one thread to the messages of the same id on linked threads, once they have come.

    For all of the working set at once, since links and messages may come in any order.
    """
    for place in list(work.places.values()):
        if not place.parked or place.thread_key is None or place.message_id is None:
            continue
        thread = work.threads.get(place.thread_key)
        if thread is None or thread.alone:
            continue
        for other in work.places_on_linked(thread, place.message_id):
            if other.known:
                _copy(work, place.message_key, other.message_key)


def _copy(work: WorkingSet, source: UUID, target: UUID) -> None:
    for status in work.statuses.get(source, {}).values():
        put_status(work.statuses.of(target), replace(status, message_key=target))
    for revision in work.revisions.get(source, {}).values():
        put_revision(work.revisions.of(target), replace(revision, message_key=target))
    for reaction in work.reactions.get(source, {}).values():
        put_reaction(work.reactions.of(target), replace(reaction, message_key=target))
    for file in work.files.get(source, {}).values():
        if file.reported:
            reported = replace(file, message_key=target, conv_key=None, from_customer=False)
            put_reported(work.files.of(target), reported)
