"""Conversations in the database: written after a batch is folded, with their lines in the order of activity."""

from collections.abc import Iterable

from services.chassis.keyed import execute_keyed
from services.chassis.postgres import Connection
from services.ingest.projection.conversations.changes import ChangedConversations
from services.ingest.projection.conversations.load import SQL
from services.ingest.projection.conversations.state import CONVERSATION, Conversation
from services.ingest.projection.conversations.transfer_rows import TRANSFER
from services.ingest.projection.statements import Copy, Write
from services.ingest.projection.table import Table
from services.ingest.projection.working_set import WorkingSet

_ACTIVITY: Table[Conversation] = Table(
    "conversation_activity",
    {
        "account_id": "account_id",
        "conv_key": "conv_key",
        "environment": "environment",
        "last_activity_at": "totals.last_activity_at",
    },
)
_copy = Copy(CONVERSATION)
_change = Write(CONVERSATION, SQL["change_conversations"])
_change_running = Write(CONVERSATION, SQL["write_running_totals"])
_copy_activity = Copy(_ACTIVITY)
_change_activity = Write(_ACTIVITY, SQL["write_activity"])
_copy_transfers = Copy(TRANSFER)


async def write_conversations(conn: Connection, work: WorkingSet, changed: ChangedConversations) -> None:
    """Writes new and changed conversations, their activity, and the transfers of this batch."""
    await _copy(conn, changed.new)
    await _change(conn, changed.rewritten)
    await _change_running(conn, changed.running)
    await _copy_activity(conn, _active(changed.new))
    known = [*changed.rewritten, *changed.running]
    await _change_activity(conn, _active(known))
    quiet = [each.key for each in known if each.totals.last_activity_at is None]
    await execute_keyed(conn, SQL["remove_activity"], quiet)
    await _copy_transfers(conn, work.transfers.values())


def _active(conversations: Iterable[Conversation]) -> list[Conversation]:
    """A conversation without any activity has no line."""
    return [each for each in conversations if each.totals.last_activity_at is not None]
