"""The working set of a batch: every state that the fold may look at or change. No I/O."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from bitacora_schemas.events.envelope import Attributes
from msgspec import Struct
from msgspec.structs import replace

from services.ingest.projection.annotations.state import AnnotationState
from services.ingest.projection.conversations.state import Conversation, picture_of
from services.ingest.projection.conversations.transfer_rows import TransferRow
from services.ingest.projection.evaluations.state import EvaluationState
from services.ingest.projection.files.rows import FileRow
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.replies_awaited import AwaitingReply
from services.ingest.projection.messages.rows import MessageRow, ReactionRow, RevisionRow, StatusRow
from services.ingest.projection.people.state import ContactKey, ContactState
from services.ingest.projection.states import RowsByMessage, States
from services.ingest.projection.threads.state import THREAD, LinkKey, ThreadState, uuid_of
from services.ingest.projection.waiting.state import WaitingMessage

ConversationKey = tuple[int, int]
"""Account and conv_key."""


class Occurrence(Struct, gc=False):
    """An event on its thread: `at` is its time after clamping, `skew_ms` how far its clock was off."""

    thread: ThreadState
    attributes: Attributes
    event_id: UUID
    at: datetime
    skew_ms: int | None
    position: int
    appended_at: datetime


Decision = tuple[str, Conversation, ThreadState, Occurrence]


def _contacts() -> States[ContactKey, ContactState]:
    return States(ContactState.picture)


def _threads() -> States[str, ThreadState]:
    return States(THREAD.values(THREAD.columns))


def _conversations() -> States[ConversationKey, Conversation]:
    return States(picture_of)


@dataclass(slots=True)
class WorkingSet:
    """What is loaded, and what the fold made of it. Tests hold a whole history in it, a batch what its events may need."""

    new_uuid: Callable[[bytes], UUID] = uuid_of
    contacts: States[ContactKey, ContactState] = field(default_factory=_contacts)
    threads: States[str, ThreadState] = field(default_factory=_threads)
    linked_threads: dict[LinkKey, list[ThreadState]] = field(default_factory=dict)
    conversations: States[ConversationKey, Conversation] = field(default_factory=_conversations)
    places: States[UUID, Place] = field(default_factory=lambda: States(replace))
    messages: States[UUID, MessageRow] = field(default_factory=lambda: States(replace))
    replies: States[tuple[UUID, UUID], AwaitingReply] = field(
        default_factory=lambda: States(attrgetter("message_key"))
    )
    """Replies to what has not come, by the keys of the target and of the reply."""
    statuses: RowsByMessage[tuple[int, str, datetime], StatusRow] = field(default_factory=RowsByMessage)
    revisions: RowsByMessage[tuple[datetime, UUID], RevisionRow] = field(default_factory=RowsByMessage)
    reactions: RowsByMessage[tuple[str, str], ReactionRow] = field(default_factory=RowsByMessage)
    files: RowsByMessage[int, FileRow] = field(default_factory=RowsByMessage)
    waiting: States[UUID, WaitingMessage] = field(default_factory=lambda: States(replace))
    evaluations: States[tuple[str, str], EvaluationState] = field(default_factory=lambda: States(replace))
    transfers: dict[UUID, TransferRow] = field(default_factory=dict)
    """Those of this batch, by event."""
    annotations: dict[tuple[str, str], AnnotationState] = field(default_factory=dict)
    """Those of this batch, by thread and annotation id."""
    merged: list[list[ThreadState]] = field(default_factory=list)
    """Linked threads whose contacts were merged by this batch."""
    decisions: list[Decision] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def place(self, thread: ThreadState, message_id: str) -> Place:
        """The place of a message id on a thread; made when nothing is known of it."""
        key = thread.message_key(message_id)
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = Place(thread.account_id, key)
        return place

    def others_linked(self, thread: ThreadState) -> list[ThreadState]:
        """The other threads of the contact on the same channel, address and environment, in key order."""
        if thread.alone:
            return []
        return sorted(
            (each for each in thread.linked if each is not thread), key=lambda each: each.thread_key
        )

    def places_on_linked(self, thread: ThreadState, message_id: str) -> Iterable[Place]:
        """The places of this message id on linked threads, where there are any."""
        for other in self.others_linked(thread):
            place = self.places.get(other.message_key(message_id))
            if place is not None:
                yield place

    def resolve(self, thread: ThreadState, message_id: str) -> Place | None:
        """The known message of this id: the thread's own, else that of the first linked thread that has one (§4)."""
        own = self.places.get(thread.message_key(message_id))
        if own is not None and own.known:
            return own
        return next((place for place in self.places_on_linked(thread, message_id) if place.known), None)

    def count(self, name: str) -> None:
        """Counts a decision, for metrics."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def join(self, thread: ThreadState) -> None:
        """Puts a thread beside those it is linked with."""
        thread.new_uuid = self.new_uuid
        thread.linked = self.linked_threads.setdefault(thread.link_key, [])
        thread.linked.append(thread)

    def dissolve(self) -> None:
        """Cuts what goes in a circle, so that all of it is freed at once and no garbage collector need look for it."""
        for thread in self.threads.values():
            thread.linked = []
