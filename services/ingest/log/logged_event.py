"""An event with its place in the log: what the projections are folded from."""

from datetime import datetime

from bitacora_schemas.events.decode import DecodedEvent
from msgspec import Struct

from services.ingest.log.positions import Position


class LoggedEvent(Struct, frozen=True, gc=False):
    """A decoded event of a known account; `position` orders a thread's events, `appended_at` is Kafka's."""

    account_id: int
    event: DecodedEvent
    stream_id: int
    position: Position
    appended_at: datetime
