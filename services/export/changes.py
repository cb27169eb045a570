"""The record that tells Kafka what became of an export."""

from datetime import datetime
from uuid import UUID

import msgspec
from bitacora_schemas.events.envelope import CONTENT_TYPE, SPEC_VERSION
from bitacora_schemas.exports.events import EXPORT_CHANGED, ExportChanged
from bitacora_schemas.ids import event_id_v8
from bitacora_schemas.topics import EXPORT_EVENTS
from msgspec import Struct

from services.chassis.outbox import OutboxRecord


class _ChangeEnvelope(Struct, frozen=True, kw_only=True):
    specversion: str = SPEC_VERSION
    id: UUID
    source: str
    type: str = EXPORT_CHANGED
    subject: str
    partitionkey: str
    time: datetime
    recordedtime: datetime
    datacontenttype: str = "application/json"
    accountid: str
    data: ExportChanged


def change_record(account: str, change: ExportChanged, *, attempt: int) -> OutboxRecord:
    """The CloudEvent of one change of state. The same change of the same attempt always has the same id."""
    recipe = (account, EXPORT_CHANGED, str(change.export_id), change.state, str(attempt))
    envelope = _ChangeEnvelope(
        id=event_id_v8(recipe, None),
        source=f"/accounts/{account}/exports",
        subject=str(change.export_id),
        partitionkey=account,
        time=change.at,
        recordedtime=change.at,
        accountid=account,
        data=change,
    )
    return OutboxRecord(
        topic=EXPORT_EVENTS,
        record_key=account,
        headers={
            "content-type": CONTENT_TYPE,
            "ce_type": envelope.type,
            "ce_id": str(envelope.id),
            "ce_accountid": account,
        },
        payload=msgspec.json.encode(envelope).decode(),
    )
