"""Publishing the course of a conversation: start, end, transfer, and what is said of it: surveys, annotations."""

from typing import Unpack
from uuid import UUID

from bitacora_schemas.events.blocks import Actor, Contact
from bitacora_schemas.events.conversation import (
    ConversationAnnotated,
    ConversationEnded,
    ConversationStarted,
    ConversationTransferred,
    SourceReason,
)
from bitacora_schemas.events.evaluation import EvaluationAnswered, EvaluationAsked, Scale
from bitacora_schemas.events.scalars import Scalar

from bitacora_producer.compose import Common, CommonWithContact
from bitacora_producer.contacts import completed
from bitacora_producer.functions import Functions, R
from bitacora_producer.thread import Thread


class ConversationFunctions(Functions[R]):
    """One function for each turn that a conversation takes."""

    def started(
        self,
        thread: Thread,
        *,
        reason: str = "customer",
        contact: Contact | None = None,
        initiator: Actor | None = None,
        **common: Unpack[Common],
    ) -> R:
        """Publish a start: reason customer, restart (ends an open one) or source. Names a chatbot."""
        blocks = self._blocks(thread, common)
        if blocks["chatbot"] is None:
            raise ValueError("a start names its chatbot")
        contact = completed(contact, blocks["thread"].contact)
        data = ConversationStarted(**blocks, contact=contact, reason=reason, initiator=initiator)
        return self._publish(data, common)

    def ended(
        self,
        thread: Thread,
        *,
        reason: str,
        by: Actor,
        conversation_id: UUID | None = None,
        source_reason: SourceReason | None = None,
        idle_seconds: int | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish an end: customer, assistant, operator, timeout or system.

        Operator and timeout name the conversation; a timeout also names in `causationid` the last message event
        that it saw.
        """
        data = ConversationEnded(
            **self._blocks(thread, common),
            reason=reason,
            by=by,
            conversation_id=conversation_id,
            source_reason=source_reason,
            idle_seconds=idle_seconds,
        )
        return self._publish(data, common)

    def transferred(
        self,
        thread: Thread,
        *,
        to: Actor,
        from_: Actor | None = None,
        reason: str | None = None,
        by: Actor | None = None,
        derived: bool | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that another assistant, a person or a team takes over."""
        data = ConversationTransferred(
            **self._blocks(thread, common), to=to, from_=from_, reason=reason, by=by, derived=derived
        )
        return self._publish(data, common)

    def annotated(
        self,
        thread: Thread,
        *,
        annotation_id: str,
        kind: str,
        key: str,
        value: Scalar,
        by: Actor,
        message_id: str | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish a label, note, topic or score of the conversation; `value` None takes it back."""
        data = ConversationAnnotated(
            **self._blocks(thread, common),
            annotation_id=annotation_id,
            kind=kind,
            key=key,
            value=value,
            by=by,
            message_id=message_id,
        )
        return self._publish(data, common)

    def evaluation_asked(
        self,
        thread: Thread,
        *,
        evaluation_id: str,
        metric: str,
        question: str,
        scale: Scale | None = None,
        message_id: str | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that the customer was asked: metric nps, csat, ces or custom."""
        data = EvaluationAsked(
            **self._blocks(thread, common),
            evaluation_id=evaluation_id,
            metric=metric,
            question=question,
            scale=scale,
            message_id=message_id,
        )
        return self._publish(data, common)

    def evaluation_answered(
        self,
        thread: Thread,
        *,
        evaluation_id: str,
        metric: str,
        score: float | None,
        raw_answer: str | None = None,
        comment: str | None = None,
        message_id: str | None = None,
        question: str | None = None,
        inferred: bool | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish an answer; `score` None when it is no number. Left out, `raw_answer` is the score."""
        data = EvaluationAnswered(
            **self._blocks(thread, common),
            evaluation_id=evaluation_id,
            metric=metric,
            score=score,
            raw_answer=("" if score is None else f"{score:g}") if raw_answer is None else raw_answer,
            comment=comment,
            message_id=message_id,
            question=question,
            inferred=inferred,
        )
        return self._publish(data, common)
