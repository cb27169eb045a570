"""The working set of a batch: every state the reducer may look at or change. No I/O."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from bitacora_schemas.events.envelope import Attributes
from msgspec import Struct

from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.conversations.transfer_rows import TransferRow
from services.ingest.projection.evaluations.state import EvaluationState
from services.ingest.projection.messages.facts import Facts
from services.ingest.projection.messages.place import Place
from services.ingest.projection.messages.rows import MessageRow
from services.ingest.projection.people.state import ContactState
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.waiting.state import LooseMessage

Circle = tuple[int, UUID, int, str, str]


class Occurrence(Struct, gc=False):
    """An event on its thread: `at` is its time after clamping, `skew_ms` how far its clock was off."""

    thread: ThreadState
    attributes: Attributes
    event_id: UUID
    at: datetime
    skew_ms: int | None
    position: int
    appended_at: datetime


class World(Struct):
    """What is loaded, and what changed in it. In a complete world everything is loaded, else what a batch needs."""

    threads: dict[str, ThreadState] = msgspec.field(default_factory=dict)
    circles: dict[Circle, list[ThreadState]] = msgspec.field(default_factory=dict)
    contacts: dict[tuple[int, UUID], ContactState] = msgspec.field(default_factory=dict)
    conversations: dict[tuple[int, int], Conversation] = msgspec.field(default_factory=dict)
    places: dict[UUID, Place] = msgspec.field(default_factory=dict)
    messages: dict[UUID, MessageRow] = msgspec.field(default_factory=dict)
    facts: dict[UUID, Facts] = msgspec.field(default_factory=dict)
    loose: dict[UUID, LooseMessage] = msgspec.field(default_factory=dict)
    evaluations: dict[tuple[str, str], EvaluationState] = msgspec.field(default_factory=dict)
    pending: dict[str, set[tuple[str, UUID]]] = msgspec.field(default_factory=dict)
    """By thread: the message id that is awaited, the key of the reply that awaits it."""

    new_messages: set[UUID] = msgspec.field(default_factory=set)
    changed_messages: set[UUID] = msgspec.field(default_factory=set)
    changed_places: set[UUID] = msgspec.field(default_factory=set)
    new_pending: list[tuple[int, UUID, UUID]] = msgspec.field(default_factory=list)
    new_transfers: list[TransferRow] = msgspec.field(default_factory=list)
    changed_facts: set[UUID] = msgspec.field(default_factory=set)
    changed_conversations: dict[tuple[int, int], Conversation] = msgspec.field(default_factory=dict)
    merged: list[list[ThreadState]] = msgspec.field(default_factory=list)
    """Circles of linked threads whose contacts were merged by this batch."""
    unsettled: set[Circle] = msgspec.field(default_factory=set)
    decisions: list[tuple[str, Conversation, ThreadState, Occurrence]] = msgspec.field(default_factory=list)
    counts: dict[str, int] = msgspec.field(default_factory=dict)

    def place(self, thread: ThreadState, message_id: str) -> Place:
        """The place of a message id on a thread; made when nothing is known of it."""
        key = thread.message_key(message_id)
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = Place(thread.account_id, key)
        return place

    def expect(self, thread: ThreadState, message_id: str, place: Place) -> None:
        """Notes that something names a message that has not come on its thread."""
        place.thread_key = thread.thread_key
        place.message_id = message_id
        self.changed_places.add(place.message_key)

    def linked(self, thread: ThreadState) -> list[ThreadState]:
        """The other threads of the contact on the same channel, address and environment, in key order."""
        if len(thread.kin) == 1:
            return []
        return sorted((each for each in thread.kin if each is not thread), key=lambda each: each.thread_key)

    def linked_places(self, thread: ThreadState, message_id: str) -> Iterable[Place]:
        """The places of this message id on linked threads, where there are any."""
        for other in self.linked(thread):
            place = self.places.get(other.message_key(message_id))
            if place is not None:
                yield place

    def resolve(self, thread: ThreadState, message_id: str) -> Place | None:
        """The known message of this id: the thread's own, else that of the first linked thread that has one."""
        own = self.places.get(thread.message_key(message_id))
        if own is not None and own.occurred_at is not None:
            return own
        return next((place for place in self.linked_places(thread, message_id) if place.known), None)

    def facts_of(self, key: UUID) -> Facts:
        """What hangs on a message key; made when nothing does."""
        facts = self.facts.get(key)
        if facts is None:
            facts = self.facts[key] = Facts()
        return facts

    def change(self, conversation: Conversation) -> None:
        """Notes that a conversation must be written."""
        conversation.rewrite = True
        self.changed_conversations[conversation.account_id, conversation.conv_key] = conversation

    def touch(self, conversation: Conversation) -> None:
        """Notes that the running totals of a conversation must be written."""
        self.changed_conversations[conversation.account_id, conversation.conv_key] = conversation

    def unsettle(self, thread: ThreadState) -> None:
        """Notes that loose messages of this thread and its linked ones may have to move."""
        self.unsettled.add(thread.circle)

    def count(self, name: str) -> None:
        """Counts a decision, for metrics."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def join(self, thread: ThreadState) -> None:
        """Takes a thread into the working set."""
        self.threads[thread.thread_key] = thread
        thread.kin = self.circles.setdefault(thread.circle, [])
        thread.kin.append(thread)

    def dissolve(self) -> None:
        """Cuts what goes in a circle, so that all of it is freed at once and no garbage collector need look for it."""
        for thread in self.threads.values():
            thread.kin = []
