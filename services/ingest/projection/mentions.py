"""What a batch names, so that the working set can be loaded before it is folded; `registry` says what each type names."""

from datetime import datetime

import msgspec
from msgspec import Struct

from services.ingest.log.logged_event import LoggedEvent


class Mentions(Struct):
    """What the events of one thread name. `since` is the earliest time among them."""

    account_id: int
    accountid: str
    first: LoggedEvent
    since: datetime
    message_ids: set[str] = msgspec.field(default_factory=set)
    """Every message id: messages, what they answer, what happens to them."""
    status_ids: set[str] = msgspec.field(default_factory=set)
    """Messages whose statuses change."""
    update_ids: set[str] = msgspec.field(default_factory=set)
    """Messages that are edited, deleted, reacted to, or whose files change."""
    evaluation_ids: set[str] = msgspec.field(default_factory=set)
    """Surveys that are asked or answered."""
    imports: bool = False
    sends: bool = False
    sends_waiting: bool = False
    """An HSM or an answer is among what was sent: it may belong to any conversation."""
    bounds: bool = False
    """A conversation is started or ended."""
