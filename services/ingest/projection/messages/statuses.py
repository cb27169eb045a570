"""Delivery statuses (§7): all kept with their times, before the message or after it."""

from bitacora_schemas.events.message import MessageStatusChanged

from services.ingest.projection.json_text import to_json
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.rows import EVERY_PART, StatusRow
from services.ingest.projection.messages.updates import park, put_status
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet


def on_status_changed(work: WorkingSet, seen: Occurrence, data: MessageStatusChanged, rules: Rules) -> None:
    """Keeps a status; the message shows the highest of each part and the lowest of its parts."""
    place = work.place(seen.thread, data.message_id)
    row = StatusRow(
        account_id=place.account_id,
        message_key=place.message_key,
        part_index=EVERY_PART if data.part_index is None else data.part_index,
        status=data.status,
        occurred_at=seen.at,
        event_id=seen.event_id,
        errors=to_json(data.errors) if data.errors else None,
    )
    put_status(work.statuses.of(place.message_key), row)
    park(place, seen, data.message_id)


def mention_status(named: Mentions, data: MessageStatusChanged) -> None:
    """The statuses of the message are needed, to show the highest."""
    named.message_ids.add(data.message_id)
    named.status_ids.add(data.message_id)
