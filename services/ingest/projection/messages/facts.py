"""What hangs on a message besides its words (5.7, 5.8): each kind merges so that order does not matter."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from services.ingest.projection.files.rows import FileRow
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.rows import ReactionRow, RevisionRow, StatusRow

EDITED, DELETED = "edited", "deleted"

StatusKey = tuple[int, str, datetime]
RevisionKey = tuple[datetime, UUID]
ReactionKey = tuple[str, str]

_FILE_FIELDS = (
    "file_id",
    "kind",
    "mime_type",
    "name",
    "caption",
    "size_bytes",
    "sha256",
    "stored_uri",
    "source",
)


class Facts(Struct):
    """Everything loaded under one message key; the `new_*` sets name what the database lacks or has otherwise."""

    statuses: dict[StatusKey, StatusRow] = msgspec.field(default_factory=dict)
    revisions: dict[RevisionKey, RevisionRow] = msgspec.field(default_factory=dict)
    reactions: dict[ReactionKey, ReactionRow] = msgspec.field(default_factory=dict)
    files: dict[int, FileRow] = msgspec.field(default_factory=dict)
    new_statuses: set[StatusKey] = msgspec.field(default_factory=set)
    first_statuses: set[StatusKey] = msgspec.field(default_factory=set)
    """Those that are stored nowhere for certain: their thread is alone, and everything under the key is loaded."""
    new_revisions: set[RevisionKey] = msgspec.field(default_factory=set)
    new_reactions: set[ReactionKey] = msgspec.field(default_factory=set)
    new_files: set[int] = msgspec.field(default_factory=set)
    removed_files: set[int] = msgspec.field(default_factory=set)
    counted_files: int = 0
    """How many of the files its conversation counts as the customer's."""

    @property
    def deleted(self) -> bool:
        """Whether a deletion for everyone is among what is loaded."""
        return any(each.kind == DELETED for each in self.revisions.values())

    def put_status(self, row: StatusRow, *, alone: bool = False) -> bool:
        """Adds a status; the same one told twice keeps the smaller event id. Says whether anything changed.

        `alone`: its thread is linked with no other.
        """
        key = (row.part_index, row.status, row.occurred_at)
        known = self.statuses.get(key)
        if known is not None and known.event_id <= row.event_id:
            return False
        self.statuses[key] = row
        if known is None and alone:
            self.first_statuses.add(key)
        elif key not in self.first_statuses:
            self.new_statuses.add(key)
        return True

    def put_revision(self, row: RevisionRow) -> bool:
        """Adds an edit or deletion; says whether it is new."""
        key = (row.occurred_at, row.event_id)
        if key in self.revisions:
            return False
        self.revisions[key] = row
        self.new_revisions.add(key)
        return True

    def put_reaction(self, row: ReactionRow) -> bool:
        """Lets the last reaction of each actor win by time and id; says whether this one does."""
        key = (row.actor_kind, row.actor_id)
        known = self.reactions.get(key)
        if known is not None and (known.occurred_at, known.event_id) >= (row.occurred_at, row.event_id):
            return False
        self.reactions[key] = row
        self.new_reactions.add(key)
        return True

    def put_base_file(self, row: FileRow) -> None:
        """Adds a file as its message describes it; what a file event told before lies over it."""
        known = self.files.get(row.part_index)
        if known is not None:
            row = replace(_over(known, row), from_customer=row.from_customer)
        self._store(row)

    def put_reported_file(self, row: FileRow) -> bool:
        """Adds what a file event tells: the latest by time and id lies over the rest. Says whether it changes anything."""
        known = self.files.get(row.part_index)
        if known is not None:
            version = (known.version_at, known.version_event_id)
            newer = not known.reported or version < (row.version_at, row.version_event_id)
            merged = _over(row, known) if newer else _over(known, row)
            row = replace(merged, conv_key=known.conv_key, from_customer=known.from_customer)
            if row == known:
                return False
        self._store(row)
        return True

    def remove_files(self) -> None:
        """Takes the files of a deleted message away."""
        self.removed_files.update(self.files)
        self.new_files.clear()
        self.files.clear()

    def place_files(self, place: Place) -> None:
        """Says where and when the message of the files is."""
        for row in list(self.files.values()):
            placed = replace(row, conv_key=place.conv_key, occurred_at=place.occurred_at or row.occurred_at)
            if placed != row:
                self._store(placed)

    def copy_from(self, other: "Facts", message_key: UUID) -> None:
        """Takes over what stands under the key of a linked thread for the same message id."""
        for status in other.statuses.values():
            self.put_status(replace(status, message_key=message_key))
        for revision in other.revisions.values():
            self.put_revision(replace(revision, message_key=message_key))
        for reaction in other.reactions.values():
            self.put_reaction(replace(reaction, message_key=message_key))
        for file in other.files.values():
            if file.reported:
                self.put_reported_file(
                    replace(file, message_key=message_key, conv_key=None, from_customer=False)
                )

    def _store(self, row: FileRow) -> None:
        self.files[row.part_index] = row
        self.new_files.add(row.part_index)
        self.removed_files.discard(row.part_index)


def _over(upper: FileRow, lower: FileRow) -> FileRow:
    """`upper` with its gaps filled from `lower`."""
    gaps = {field: getattr(lower, field) for field in _FILE_FIELDS if getattr(upper, field) is None}
    return replace(upper, occurred_at=min(upper.occurred_at, lower.occurred_at), **gaps)
