"""What became of a message's file: stored by us, or never to come. The latest by time and id wins."""

from bitacora_schemas.events.file import FileStored, FileUnavailable
from msgspec.structs import replace

from services.ingest.projection.files.merging import put_reported
from services.ingest.projection.files.rows import FileRow, file_row
from services.ingest.projection.messages.updates import park
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet


def on_stored(work: WorkingSet, seen: Occurrence, data: FileStored, rules: Rules) -> None:
    """The file of a part is in our store, whether or not its message has come."""
    place = work.place(seen.thread, data.message_id)
    row = file_row(
        place.account_id, place.message_key, data.part_index, data.file, at=seen.at, event_id=seen.event_id
    )
    put_reported(work.files.of(place.message_key), replace(row, reported=True))
    park(place, seen, data.message_id)


def on_unavailable(work: WorkingSet, seen: Occurrence, data: FileUnavailable, rules: Rules) -> None:
    """The file of a part will not come."""
    place = work.place(seen.thread, data.message_id)
    row = FileRow(
        account_id=place.account_id,
        message_key=place.message_key,
        part_index=data.part_index,
        conv_key=None,
        file_id=None,
        kind=None,
        mime_type=None,
        name=None,
        caption=None,
        size_bytes=None,
        sha256=None,
        state="unavailable",
        unavailable_reason=data.reason,
        stored_uri=None,
        source=None,
        from_customer=False,
        occurred_at=seen.at,
        version_at=seen.at,
        version_event_id=seen.event_id,
        reported=True,
    )
    put_reported(work.files.of(place.message_key), row)
    park(place, seen, data.message_id)
