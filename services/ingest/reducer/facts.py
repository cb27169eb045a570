"""What hangs on a message besides its words (5.7, 5.8): each kind merges so that order does not matter."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from services.ingest.reducer.rows import FileRow, ReactionRow, RevisionRow, StatusRow

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
    new_revisions: set[RevisionKey] = msgspec.field(default_factory=set)
    new_reactions: set[ReactionKey] = msgspec.field(default_factory=set)
    new_files: set[int] = msgspec.field(default_factory=set)
    removed_files: set[int] = msgspec.field(default_factory=set)
    counted_files: int = 0
    """How many of the files its conversation counts as the customer's."""

    def put_status(self, row: StatusRow) -> bool:
        """Adds a status; the same one told twice keeps the smaller event id. Says whether anything changed."""
        key = (row.part_index, row.status, row.occurred_at)
        known = self.statuses.get(key)
        if known is not None and known.event_id <= row.event_id:
            return False
        self.statuses[key] = row
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
        self._store(row if known is None else _over(known, row, base=row))

    def put_reported_file(self, row: FileRow) -> bool:
        """Adds what a file event tells; the latest by time and id lies over the rest. Says whether it changes anything."""
        known = self.files.get(row.part_index)
        if known is None:
            self._store(row)
            return True
        if known.reported and (known.version_at, known.version_event_id) >= (
            row.version_at,
            row.version_event_id,
        ):
            return False
        self._store(_over(row, known, base=known))
        return True

    def remove_files(self) -> None:
        """Takes the files of a deleted message away."""
        self.removed_files.update(self.files)
        self.new_files.clear()
        self.files.clear()

    def place_files(self, conv_key: int | None) -> None:
        """Says which conversation the files are in."""
        for row in list(self.files.values()):
            if row.conv_key != conv_key:
                self._store(msgspec.structs.replace(row, conv_key=conv_key))

    def copy_from(self, other: "Facts", message_key: UUID) -> None:
        """Takes over what stands under the key of a linked thread for the same message id."""
        replace = msgspec.structs.replace
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


def _over(upper: FileRow, lower: FileRow, *, base: FileRow) -> FileRow:
    """`upper` with its gaps filled from `lower`; where the file belongs is said by `base`."""
    gaps = {field: getattr(lower, field) for field in _FILE_FIELDS if getattr(upper, field) is None}
    return msgspec.structs.replace(
        upper, conv_key=base.conv_key, from_customer=base.from_customer, occurred_at=base.occurred_at, **gaps
    )
