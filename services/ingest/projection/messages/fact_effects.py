"""How a message reads with everything that hangs on it (5.7, 5.8): a pure function of the facts under its key."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.ingest.projection.messages.content import part_indexes
from services.ingest.projection.messages.facts import DELETED, EDITED, Facts
from services.ingest.projection.messages.rows import EVERY_PART, MessageRow, RevisionRow, StatusRow
from services.ingest.projection.working_set import World

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
"""Statuses that can be displayed, by rank; `clicked`, `verified` and `warning` have none (docs/semantics.md 5.7)."""


def adopt(world: World, key: UUID) -> None:
    """Brings a message that has come up to what hangs on it: its files, and its row where it stands in a conversation.

    A deleted message has no files, even while it stands nowhere.
    """
    facts = world.facts.get(key)
    place = world.places.get(key)
    if facts is None or place is None or not place.known:
        return
    world.changed_facts.add(key)
    row = world.messages.get(key)
    if not (facts.files or facts.revisions):
        if row is not None and not facts.counted_files:
            _show_status(world, row, facts)  # most of what happens to messages
            return
    elif (row is not None and row.deleted_at is not None) or facts.deleted:
        facts.remove_files()
    facts.place_files(place)
    if row is not None:
        _adopt_row(world, row, facts)


def _show_status(world: World, row: MessageRow, facts: Facts) -> None:
    status = displayed_status(facts.statuses.values(), row) if facts.statuses else row.status
    if status != row.status:
        row.status = status
        world.changed_messages.add(row.message_key)


def _adopt_row(world: World, row: MessageRow, facts: Facts) -> None:
    before = (row.status, row.plain_text, row.parts, row.template, row.edited_at, row.deleted_at)
    if facts.revisions:
        _apply_revisions(row, facts.revisions.values())
    if facts.statuses:
        row.status = displayed_status(facts.statuses.values(), row)
    _count_files(world, row, facts)
    if before != (row.status, row.plain_text, row.parts, row.template, row.edited_at, row.deleted_at):
        world.changed_messages.add(row.message_key)
        conversation = world.conversations.get((row.account_id, row.conv_key))
        if conversation is not None and before[1] != row.plain_text:
            world.change(conversation)


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
        row.deleted_at = min(each.occurred_at for each in deletions)
        row.edited_at = None
        row.plain_text, row.parts, row.template = "", None, None


def _count_files(world: World, row: MessageRow, facts: Facts) -> None:
    files = sum(1 for file in facts.files.values() if file.from_customer)
    if files == facts.counted_files:
        return
    conversation = world.conversations[row.account_id, row.conv_key]
    conversation.customer_files += files - facts.counted_files
    facts.counted_files = files
    world.change(conversation)
