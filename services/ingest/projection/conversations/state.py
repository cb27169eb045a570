"""A conversation as the fold holds it."""

from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import msgspec
from bitacora_schemas.codes import Status
from msgspec import Struct
from msgspec.structs import replace

from services.ingest.projection.json_text import to_json
from services.ingest.projection.table import Table

_OPEN = Status.OPEN
_ENCODE = msgspec.json.Encoder().encode


class Opener(NamedTuple):
    """A customer message that may be the first of its conversation, in transcript order."""

    sort_at: datetime
    sequence: str
    position: int
    message_key: UUID
    reply_to: str | None
    pending: bool
    """The message it answers has not come: its place in the order may still move back."""
    at: datetime
    """Its own time."""


def candidates(openers: list[Opener]) -> list[Opener]:
    """Those that can still be first, in order: none of those whose order is certain but the first, and none behind it."""
    kept: list[Opener] = []
    for opener in sorted(openers):
        kept.append(opener)
        if not opener.pending:
            break
    return kept


class Assistant(NamedTuple):
    """A bot that spoke: since when, and the name of its earliest message that gave one."""

    id: str | None
    name: str | None
    at: datetime
    event_id: UUID
    named_at: datetime | None
    named_by: UUID | None


class Totals(Struct, eq=False):
    """What is summed over the messages of a conversation; every part commutes."""

    first_message_at: datetime | None = None
    last_message_at: datetime | None = None
    last_activity_at: datetime | None = None
    customer_count: int = 0
    assistant_count: int = 0
    human_count: int = 0
    template_count: int = 0
    chatbot_id: str | None = None
    chatbot_name: str | None = None
    chatbot_version: str | None = None
    chatbot_named_at: datetime | None = None
    chatbot_named_by: UUID | None = None
    assistants: list[Assistant] = msgspec.field(default_factory=list)
    started_by_template: bool = False

    def twin(self) -> "Totals":
        """Another one with the same values."""
        twin = replace(self)
        twin.assistants = list(self.assistants)
        return twin

    @property
    def assistants_json(self) -> msgspec.Raw:
        """As the column keeps them: by names, since lists of conversations read it too."""
        return msgspec.Raw(_ENCODE([each._asdict() for each in self.assistants]))


class ConversationRow(Struct, eq=False):
    """What is kept of a conversation besides its totals; the fields are columns."""

    account_id: int
    conv_key: int
    conversation_id: UUID
    thread_key: str
    contact_id: UUID
    environment: int
    status: int
    channel: str
    channel_address: str
    started_at: datetime
    opened_event_id: UUID
    opened_position: int
    ended_at: datetime | None = None
    ended_recorded_at: datetime | None = None
    end_reason: str | None = None
    end_by_kind: str | None = None
    end_by_id: str | None = None
    end_by_name: str | None = None
    last_message_event_id: UUID | None = None
    """The last message event in log order: what an idle time-out must name (§3)."""
    last_message_appended_at: datetime | None = None
    nps: Decimal | None = None
    csat: Decimal | None = None
    has_comment: bool = False
    transferred: bool = False
    customer_files: int = 0
    imported: bool = False
    source_id: str | None = None
    previous_ended_at: datetime | None = None
    """The end before its opening, on its thread."""
    prelude_window_seconds: int | None = None
    """What its connection had set when it was opened; None: the installation's."""
    own_totals: str | None = None
    """As stored: JSON of the totals without the waiting messages that stand in it; None when there are none."""


class Conversation(ConversationRow, eq=False):
    """One episode on a thread. `totals` are those of the messages that will not leave it."""

    totals: Totals = msgspec.field(default_factory=Totals)
    openers: list[Opener] = msgspec.field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status == _OPEN

    @property
    def key(self) -> tuple[int, int]:
        """Its key among all accounts."""
        return self.account_id, self.conv_key

    @property
    def age(self) -> tuple[datetime, int]:
        """Orders conversations by opening, the same way whatever order their threads are read in."""
        return self.started_at, self.conversation_id.int

    @property
    def has_files(self) -> bool:
        """Whether the customer sent a file that is still there."""
        return self.customer_files > 0

    @property
    def openers_json(self) -> str | None:
        """As the column keeps them."""
        return to_json(self.openers) if self.openers else None


TOTALS = tuple(name for name in Totals.__struct_fields__ if name != "assistants")
"""Columns that are fields of the totals."""

CONVERSATION: Table[Conversation] = Table(
    "conversation",
    {name: name for name in ConversationRow.__struct_fields__}
    | {name: f"totals.{name}" for name in TOTALS}
    | {"assistants": "totals.assistants_json", "openers": "openers_json", "has_files": "has_files"},
)

RUNNING = (
    "last_message_event_id",
    "last_message_appended_at",
    *(name for name in TOTALS if name != "started_by_template"),
)
"""What every message changes: no index knows these columns, so their rows are updated in place."""

_running = CONVERSATION.values(RUNNING)
_rest = attrgetter(
    *(name for name in ConversationRow.__struct_fields__ if name not in (*RUNNING, "own_totals")),
    "totals.started_by_template",
)


class Picture(NamedTuple):
    """The stored values of a conversation, to be compared with later."""

    rest: tuple[object, ...]
    assistants: tuple[Assistant, ...]
    openers: tuple[Opener, ...]
    running: tuple[object, ...]


def picture_of(conversation: Conversation) -> Picture:
    """What is stored of a conversation, but for the messages that wait in it."""
    return Picture(
        _rest(conversation),
        tuple(conversation.totals.assistants),
        tuple(conversation.openers),
        _running(conversation),
    )
