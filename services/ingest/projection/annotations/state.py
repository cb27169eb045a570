"""An annotation as the fold holds it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.table import Table


class AnnotationRow(Struct, frozen=True):
    """What one event says of an item; the fields are columns. `value` is JSON, None when it was taken back."""

    account_id: int
    thread_key: str
    annotation_id: str
    kind: str
    key: str
    value: str | None
    message_id: str | None
    by_kind: str
    by_id: str | None
    by_name: str | None
    occurred_at: datetime
    event_id: UUID


class AnnotationState(Struct):
    """One item of a thread as a batch tells it: the latest row, and the first conversation that was found for it."""

    row: AnnotationRow
    conversation: Conversation | None

    @property
    def conv_key(self) -> int | None:
        """The key of its conversation, whatever that is by the time it is written."""
        return None if self.conversation is None else self.conversation.conv_key


ANNOTATION: Table[AnnotationState] = Table(
    "annotation", {name: f"row.{name}" for name in AnnotationRow.__struct_fields__} | {"conv_key": "conv_key"}
)
