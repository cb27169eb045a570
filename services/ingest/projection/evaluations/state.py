"""An evaluation as the reducer holds it."""

from datetime import datetime
from uuid import UUID

import msgspec
from bitacora_schemas.events.evaluation import Scale
from msgspec import Struct


class Answer(Struct, frozen=True):
    """One answer to a survey."""

    event_id: UUID
    at: datetime
    score: float | None
    valid: bool
    raw_answer: str
    comment: str | None
    message_id: str | None


class EvaluationState(Struct):
    """One survey of a thread with every answer that counts, in the order they came."""

    account_id: int
    thread_key: str
    evaluation_id: str
    conv_key: int | None
    metric: str
    question: str | None = None
    scale: Scale | None = None
    asked_at: datetime | None = None
    asked_event_id: UUID | None = None
    answers: list[Answer] = msgspec.field(default_factory=list)
    dirty: bool = True

    @property
    def winner(self) -> Answer | None:
        """The last valid answer by time and id; without one, the last answer."""
        valid = [answer for answer in self.answers if answer.valid]
        return max(valid or self.answers, key=lambda answer: (answer.at, answer.event_id), default=None)

    @property
    def comment(self) -> str | None:
        """The winner's comment; when it has none, the last one that was given."""
        winner = self.winner
        if winner is None or winner.comment:
            return None if winner is None else winner.comment
        given = [answer for answer in self.answers if answer.comment]
        latest = max(given, key=lambda answer: (answer.at, answer.event_id), default=None)
        return None if latest is None else latest.comment
