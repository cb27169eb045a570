"""How messages read with everything that happened to them (§7, §8): a pure function of what stands under their keys."""

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from services.ingest.projection.files.merging import place_files
from services.ingest.projection.files.rows import FileRow
from services.ingest.projection.messages.content import part_indexes
from services.ingest.projection.messages.rows import (
    DELETED,
    EDITED,
    EVERY_PART,
    MessageRow,
    RevisionRow,
    StatusRow,
)
from services.ingest.projection.working_set import ConversationKey, WorkingSet

RANKS: Mapping[str, int] = {
    "queued": 0,
    "accepted": 10,
    "sent": 20,
    "rejected": 25,
    "failed": 26,
    "delivered": 30,
    "read": 40,
    "played": 50,
}
"""Statuses that can be displayed, by rank; `clicked`, `verified` and `warning` have none (docs/semantics.md §7)."""


def show_updates(work: WorkingSet) -> None:
    """Brings every message that has come up to what happened to it, and the counts of customers' files with them."""
    for key, revisions in work.revisions.items():
        row = work.messages.get(key)
        if row is not None:
            _apply_revisions(row, revisions.values())
    for key, statuses in work.statuses.items():
        row = work.messages.get(key)
        if row is not None and statuses:
            row.status = displayed_status(statuses.values(), row)
    for key, files in work.files.items():
        place = work.places.get(key)
        if place is not None and place.known:
            if _is_deleted(work, key):
                files.clear()  # a tombstone has no files, even while its message stands nowhere
            place_files(files, place)
    _count_files(work)


def _is_deleted(work: WorkingSet, key: UUID) -> bool:
    row = work.messages.get(key)
    if row is not None and row.deleted_at is not None:
        return True
    return any(each.kind == DELETED for each in work.revisions.get(key, {}).values())


def _count_files(work: WorkingSet) -> None:
    """Adds to each conversation what its customer's files became more, or takes away what they became less."""
    changes: Counter[ConversationKey] = Counter()
    for key, files in work.files.items():
        changes.update(_of_customers(files.values()))
        changes.subtract(_of_customers(work.files.loaded.get(key, {}).values()))
    for conversation, change in changes.items():
        if change:
            work.conversations[conversation].customer_files += change


def _of_customers(files: Iterable[FileRow]) -> list[ConversationKey]:
    return [
        (each.account_id, each.conv_key) for each in files if each.from_customer and each.conv_key is not None
    ]


def displayed_status(statuses: Iterable[StatusRow], row: MessageRow) -> str | None:
    """The lowest of what its parts display; a part displays its highest rank, a part without a status nothing."""
    for_all: str | None = None
    by_part: dict[int, str] = {}
    for status in statuses:
        rank = RANKS.get(status.status)
        if rank is None:
            continue
        if status.part_index == EVERY_PART:
            if for_all is None or rank > RANKS[for_all]:
                for_all = status.status
        else:
            known = by_part.get(status.part_index)
            if known is None or rank > RANKS[known]:
                by_part[status.part_index] = status.status
    if not by_part:
        return for_all
    # A part without a status has not got as far as is known: it is left out, not taken for the lowest (§7).
    if for_all is None:
        return min(by_part.values(), key=RANKS.__getitem__)
    indexes = part_indexes(row.parts) | by_part.keys()
    return min(
        (max(for_all, by_part.get(index, for_all), key=RANKS.__getitem__) for index in indexes),
        key=RANKS.__getitem__,
    )


def _apply_revisions(row: MessageRow, revisions: Iterable[RevisionRow]) -> None:
    edits = [each for each in revisions if each.kind == EDITED]
    deletions = [each for each in revisions if each.kind == DELETED]
    if edits:
        latest = max(edits, key=lambda each: (each.occurred_at, each.event_id))
        row.plain_text, row.parts = latest.plain_text or "", latest.parts
        row.edited_at = latest.occurred_at
    if deletions:
        # Whatever was edited before or after: a tombstone says only when it was deleted (§8).
        row.deleted_at = min(each.occurred_at for each in deletions)
        row.edited_at = None
        row.plain_text, row.parts, row.template = "", None, None
