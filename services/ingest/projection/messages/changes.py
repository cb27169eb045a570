"""Which message rows a batch changed, found by comparing rows and places with what was loaded."""

from collections.abc import Iterator

from msgspec import Struct

from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.rows import MessageRow
from services.ingest.projection.working_set import ConversationKey, WorkingSet


class ChangedMessages(Struct):
    """By how they are written. `removed` are the places that rows had before."""

    added: list[MessageRow]
    changed: list[MessageRow]
    removed: list[Place]


def changed_messages(work: WorkingSet) -> ChangedMessages:
    """Rows whose conversation or order is another than before are removed and added, others changed where they stand."""
    changed = ChangedMessages([], [], [])
    for key, row in work.messages.items():
        stored = work.places.loaded.get(key)
        if stored is None or stored.conv_key is None:
            changed.added.append(row)
        elif (row.conv_key, row.sort_at) != (stored.conv_key, stored.sort_at):
            changed.removed.append(stored)
            changed.added.append(row)
        elif row != work.messages.loaded.get(key):
            changed.changed.append(row)
    for key, stored in work.places.loaded.items():
        if stored.conv_key is not None and work.places[key].conv_key is None:
            changed.removed.append(stored)
    return changed


def reworded_conversations(work: WorkingSet) -> Iterator[ConversationKey]:
    """Conversations in which a message reads otherwise, or stands elsewhere, than before."""
    for key, before in work.messages.loaded.items():
        row = work.messages.get(key)
        if row is not None and (row.plain_text, row.sort_at) != (before.plain_text, before.sort_at):
            yield row.account_id, row.conv_key
