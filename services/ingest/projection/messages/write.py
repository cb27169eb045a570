"""Messages in the database: written after a batch is folded, with what happened to them."""

from services.chassis.postgres import Connection
from services.ingest.projection.messages.changes import changed_messages
from services.ingest.projection.messages.load import SQL
from services.ingest.projection.messages.place import COMMON, MESSAGE_PLACE
from services.ingest.projection.messages.replies_awaited import REPLY_PENDING
from services.ingest.projection.messages.rows import (
    MESSAGE,
    MESSAGE_REACTION,
    MESSAGE_REVISION,
    MESSAGE_STATUS,
    StatusRow,
)
from services.ingest.projection.statements import Copy, Write
from services.ingest.projection.working_set import WorkingSet

_remove = Write(MESSAGE_PLACE, SQL["remove_messages"])
_copy = Copy(MESSAGE)
_change = Write(MESSAGE, SQL["change_messages"])
_copy_common_places = Copy(MESSAGE_PLACE, COMMON)
_copy_places = Copy(MESSAGE_PLACE)
_change_places = Write(MESSAGE_PLACE, SQL["change_places"])
_copy_replies = Copy(REPLY_PENDING)
_copy_statuses = Copy(MESSAGE_STATUS)
_write_statuses = Write(MESSAGE_STATUS, SQL["write_statuses"])
_write_revisions = Write(MESSAGE_REVISION, SQL["write_revisions"])
_write_reactions = Write(MESSAGE_REACTION, SQL["write_reactions"])


async def write_messages(conn: Connection, work: WorkingSet) -> None:
    """Writes rows and places. A row whose conversation or order changed is removed and put in anew: both are its key."""
    changed = changed_messages(work)
    await _remove(conn, changed.removed)
    await _copy(conn, sorted(changed.added, key=lambda each: each.message_key))
    await _change(conn, changed.changed)
    new = sorted(work.places.new(), key=lambda each: each.message_key)
    await _copy_common_places(conn, [each for each in new if each.thread_key is None and each.known])
    await _copy_places(conn, [each for each in new if each.thread_key is not None])
    await _change_places(conn, sorted(work.places.changed(), key=lambda each: each.message_key))
    await _copy_replies(conn, work.replies.new())


async def write_updates(conn: Connection, work: WorkingSet) -> None:
    """Writes statuses, revisions and reactions that are new or changed, in the order of their keys."""
    first, others = _statuses(work)
    await _copy_statuses(conn, first)
    await _write_statuses(conn, others)
    revisions = [row for row, _ in work.revisions.written()]
    await _write_revisions(conn, sorted(revisions, key=lambda each: (each.message_key, each.occurred_at)))
    reactions = [row for row, _ in work.reactions.written()]
    await _write_reactions(
        conn, sorted(reactions, key=lambda each: (each.message_key, each.actor_kind, each.actor_id))
    )


def _statuses(work: WorkingSet) -> tuple[list[StatusRow], list[StatusRow]]:
    """Statuses that are stored nowhere for certain: their thread is alone, and all of the key is loaded; and the others."""
    alone = {thread.key_prefix for thread in work.threads.values() if thread.alone}
    first: list[StatusRow] = []
    others: list[StatusRow] = []
    for row, known in work.statuses.written():
        certain = known is None and row.message_key.bytes[:8] in alone
        (first if certain else others).append(row)
    order = {
        id(row): (row.message_key, row.part_index, row.status, row.occurred_at) for row in first + others
    }
    return sorted(first, key=lambda each: order[id(each)]), sorted(others, key=lambda each: order[id(each)])
