"""A conversation as the reducer holds it."""

from copy import copy
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct

OPEN, ENDED = 1, 2


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
    """Those that can still be first, in order: no settled one but the best, no open one behind it."""
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
    chatbot_version_at: datetime | None = None
    chatbot_event_id: UUID | None = None
    assistants: list[Assistant] = msgspec.field(default_factory=list)
    started_by_template: bool = False

    def twin(self) -> "Totals":
        """Another one with the same values."""
        twin = copy(self)
        twin.assistants = list(self.assistants)
        return twin


class Conversation(Struct, eq=False):
    """One episode on a thread. `totals` are those of its firm messages; `loose` stand in it besides."""

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
    last_message_appended_at: datetime | None = None
    nps: Any = None
    csat: Any = None
    has_comment: bool = False
    transferred: bool = False
    customer_files: int = 0
    imported: bool = False
    source_id: str | None = None
    previous_ended_at: datetime | None = None
    """The end before its opening, on its thread."""
    prelude_window: timedelta | None = None
    """What its connection had set when it was opened; None: the installation's."""
    totals: Totals = msgspec.field(default_factory=Totals)
    openers: list[Opener] = msgspec.field(default_factory=list)
    loose: dict[UUID, int] = msgspec.field(default_factory=dict)
    is_new: bool = True
    rewrite: bool = True
    """More than its running totals changed."""
    has_loose: bool = False
    """The database says that loose messages stand in it: they must be loaded before it is written."""

    @property
    def is_open(self) -> bool:
        return self.status == OPEN

    @property
    def key(self) -> tuple[int, int]:
        """Its key among all accounts."""
        return self.account_id, self.conv_key

    @property
    def age(self) -> tuple[datetime, int]:
        """Orders conversations by opening, the same way whatever order their threads are read in."""
        return self.started_at, self.conversation_id.int
