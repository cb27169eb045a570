"""Delivery statuses (5.7): all kept with their times, before the message or after it."""

from bitacora_schemas.events.message import MessageStatusChanged

from services.ingest.projection.json_text import to_json
from services.ingest.projection.messages.rows import EVERY_PART, StatusRow
from services.ingest.projection.messages.spreading import spread
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, World


def on_status_changed(world: World, seen: Occurrence, data: MessageStatusChanged, rules: Rules) -> None:
    """Keeps a status; the message shows the highest of each part and the lowest of its parts."""
    place = world.place(seen.thread, data.message_id)
    row = StatusRow(
        account_id=place.account_id,
        message_key=place.message_key,
        part_index=EVERY_PART if data.part_index is None else data.part_index,
        status=data.status,
        occurred_at=seen.at,
        event_id=seen.event_id,
        errors=to_json(data.errors) if data.errors else None,
    )
    if world.facts_of(place.message_key).put_status(row, alone=len(seen.thread.kin) == 1):
        spread(world, seen, data.message_id, place)
