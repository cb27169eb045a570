"""What events say of a message's files (§8): each kind of news merges so that order does not matter."""

from msgspec.structs import replace

from services.ingest.projection.files.rows import FileRow
from services.ingest.projection.messages.place import Place

Files = dict[int, FileRow]
"""The files of a message by part index."""

_DESCRIPTION = (
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


def put_described(files: Files, row: FileRow) -> None:
    """Adds a file as its message describes it; what a file event said before lies over it."""
    known = files.get(row.part_index)
    if known is not None:
        row = replace(_over(known, row), from_customer=row.from_customer)
    files[row.part_index] = row


def put_reported(files: Files, row: FileRow) -> None:
    """Adds what a file event tells: the latest by time and id lies over the rest."""
    known = files.get(row.part_index)
    if known is not None:
        version = (known.version_at, known.version_event_id)
        newer = not known.reported or version < (row.version_at, row.version_event_id)
        merged = _over(row, known) if newer else _over(known, row)
        row = replace(merged, conv_key=known.conv_key, from_customer=known.from_customer)
    files[row.part_index] = row


def place_files(files: Files, place: Place) -> None:
    """Says where and when the message of the files is."""
    for index, row in files.items():
        at = place.occurred_at or row.occurred_at
        if row.conv_key != place.conv_key or row.occurred_at != at:
            files[index] = replace(row, conv_key=place.conv_key, occurred_at=at)


def _over(upper: FileRow, lower: FileRow) -> FileRow:
    """`upper` with its gaps filled from `lower`."""
    gaps = {field: getattr(lower, field) for field in _DESCRIPTION if getattr(upper, field) is None}
    return replace(upper, occurred_at=min(upper.occurred_at, lower.occurred_at), **gaps)
