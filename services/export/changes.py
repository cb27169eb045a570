"""The record that tells Kafka what became of an export."""

from bitacora_schemas.events.compose import EventRecord, compose_event
from bitacora_schemas.exports.events import EXPORT_CHANGED, ExportChanged
from bitacora_schemas.ids import event_id_v8


def change_record(account: str, change: ExportChanged, *, attempt: int) -> EventRecord:
    """The CloudEvent of one change of state. The same change of the same attempt always has the same id."""
    recipe = (account, EXPORT_CHANGED, str(change.export_id), change.state, str(attempt))
    return compose_event(
        change,
        id=event_id_v8(recipe, None),
        type=EXPORT_CHANGED,
        source=f"/accounts/{account}/exports",
        subject=str(change.export_id),
        key=account,
        time=change.at,
        recordedtime=change.at,
        accountid=account,
    )
