"""The row of a transfer; the fields are the columns."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.ingest.projection.table import Table


class TransferRow(Struct, frozen=True, gc=False):
    """The moment a conversation was handed over."""

    account_id: int
    conv_key: int
    event_id: UUID
    occurred_at: datetime
    position: int
    from_kind: str | None
    from_id: str | None
    from_name: str | None
    to_kind: str
    to_id: str | None
    to_name: str | None
    reason: str | None


TRANSFER: Table[TransferRow] = Table.of("transfer", TransferRow)
