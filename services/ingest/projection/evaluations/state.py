"""An evaluation as the fold holds it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from bitacora_schemas.events.evaluation import Scale
from msgspec import Struct

from services.ingest.projection.json_text import to_json
from services.ingest.projection.table import Table


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
    answers: tuple[Answer, ...] = ()

    @property
    def winner(self) -> Answer | None:
        """The last valid answer by time and id; without one, the last answer (§5)."""
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

    @property
    def answered_at(self) -> datetime | None:
        """When the winner was given."""
        winner = self.winner
        return None if winner is None else winner.at

    @property
    def score(self) -> Decimal | None:
        """The winner's score, if it is a valid one."""
        winner = self.winner
        return number(winner.score) if winner is not None and winner.valid else None

    @property
    def valid(self) -> bool | None:
        """Whether the winner is on the scale; neither while there is no answer (§12)."""
        winner = self.winner
        return None if winner is None else winner.valid

    @property
    def raw_answer(self) -> str | None:
        """What was written, before anybody made a number of it."""
        winner = self.winner
        return None if winner is None else winner.raw_answer

    @property
    def scale_json(self) -> str | None:
        """The scale as its column keeps it."""
        return None if self.scale is None else to_json(self.scale)

    @property
    def answers_json(self) -> str:
        """All answers as their column keeps them."""
        return to_json(self.answers)


def number(score: float | None) -> Decimal | None:
    """A score as it is stored: 9, not 9.0."""
    if score is None:
        return None
    exact = Decimal(str(score))
    return Decimal(int(exact)) if exact == exact.to_integral_value() else exact


_PLAIN = tuple(name for name in EvaluationState.__struct_fields__ if name not in ("scale", "answers"))
_OF_THE_WINNER = ("answered_at", "score", "valid", "raw_answer", "comment")

EVALUATION: Table[EvaluationState] = Table(
    "evaluation",
    {name: name for name in (*_PLAIN, *_OF_THE_WINNER)} | {"scale": "scale_json", "answers": "answers_json"},
)
