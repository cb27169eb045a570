"""A survey: the question put to the customer, and the answer."""

from collections.abc import Mapping

from msgspec import Struct

from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.scalars import Id, Word


class Scale(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The scores a question allows, both ends included; labels by score."""

    min: float
    max: float
    step: float | None = None
    labels: Mapping[str, str] | None = None


class EvaluationAsked(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The customer was asked: metric nps, csat, ces or custom."""

    evaluation_id: Id
    metric: Word
    question: str
    scale: Scale | None = None
    message_id: Id | None = None


class EvaluationAnswered(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The customer answered; `score` is null when it is no number. Out of scale is kept, not shown."""

    evaluation_id: Id
    metric: Word
    score: float | None
    raw_answer: str
    comment: str | None = None
    message_id: Id | None = None
    question: str | None = None
    inferred: bool | None = None
