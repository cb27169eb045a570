"""Folds stories in memory: the pure fold alone, without a database."""

from collections.abc import Sequence
from uuid import UUID

from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.annotations.state import AnnotationState
from services.ingest.projection.conversations.lifecycle import lifecycle_record
from services.ingest.projection.conversations.state import Conversation, Totals
from services.ingest.projection.conversations.totals import shown_totals
from services.ingest.projection.evaluations.state import EvaluationState
from services.ingest.projection.messages.rows import MessageRow
from services.ingest.projection.people.linking import join_claims
from services.ingest.projection.people.merging import merge_people
from services.ingest.projection.reduce import collect, reduce
from services.ingest.projection.rules import Rules
from services.ingest.projection.threads.joining import join_threads
from services.ingest.projection.working_set import WorkingSet
from tests.support.scenarios import Line, interleaved


class Told:
    """What a story became."""

    def __init__(self, events: Sequence[LoggedEvent], rules: Rules | None = None) -> None:
        self.work = WorkingSet()
        mentions, claims = collect(events)
        people = join_claims(claims, {})
        join_threads(self.work, (), mentions, merge_people(self.work, people))
        reduce(self.work, events, rules or Rules())

    @property
    def conversations(self) -> list[Conversation]:
        """By start."""
        return sorted(self.work.conversations.values(), key=lambda each: each.age)

    @property
    def only(self) -> Conversation:
        """The one conversation there is."""
        (conversation,) = self.conversations
        return conversation

    @property
    def transcripts(self) -> list[list[str]]:
        """The message ids of each conversation, in transcript order."""
        return [self.transcript(each) for each in self.conversations]

    def transcript(self, conversation: Conversation) -> list[str]:
        rows = [row for row in self.work.messages.values() if row.conv_key == conversation.conv_key]
        rows.sort(key=lambda row: (row.sort_at, row.sequence or "", row.position, row.message_key))
        return [row.message_id for row in rows]

    def totals(self, conversation: Conversation | None = None) -> Totals:
        each = conversation or self.only
        return shown_totals(
            each, [message for message in self.work.waiting.values() if message.conv_key == each.conv_key]
        )

    def message(self, id_: str) -> MessageRow:
        (row,) = [row for row in self.work.messages.values() if row.message_id == id_]
        return row

    def evaluation(self, id_: str) -> EvaluationState:
        (item,) = [item for (_, name), item in self.work.evaluations.items() if name == id_]
        return item

    def annotation(self, id_: str) -> AnnotationState:
        (item,) = [item for (_, name), item in self.work.annotations.items() if name == id_]
        return item

    def waiting(self) -> list[str]:
        """Ids of waiting messages that stand in no conversation."""
        return sorted(each.content.message_id for each in self.work.waiting.values() if each.conv_key is None)

    def key(self, line: Line, id_: str) -> UUID:
        return self.work.threads[line.key].message_key(id_)

    @property
    def lifecycle(self) -> list[str]:
        """The types of lifecycle records, in order."""
        records = [lifecycle_record(*decision) for decision in self.work.decisions]
        return [record.headers["ce_type"] for record in records]


def told(*lines: Line) -> Told:
    """One thread after the other."""
    return Told(interleaved(*lines))
