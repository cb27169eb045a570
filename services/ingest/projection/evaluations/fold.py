"""Surveys (§5): asked in a conversation, answered within a day, never a reason to open one."""

from datetime import datetime
from decimal import Decimal

from bitacora_schemas.events.evaluation import EvaluationAnswered, EvaluationAsked, Scale
from bitacora_schemas.events.message import Message

from services.ingest.projection.conversations.fold import name
from services.ingest.projection.conversations.state import Conversation
from services.ingest.projection.evaluations.state import Answer, EvaluationState, number
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.place import Place
from services.ingest.projection.people.fold import note_profile
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet

NPS, CSAT = "nps", "csat"
USUAL_SCALES = {NPS: Scale(min=0, max=10), CSAT: Scale(min=1, max=5)}
_STEP_TOLERANCE = 1e-9


def on_asked(work: WorkingSet, seen: Occurrence, data: EvaluationAsked, rules: Rules) -> None:
    """Puts a question into the open conversation, else the thread's latest; earlier answers are judged by it."""
    note_profile(work, seen, data.contact)
    item = work.evaluations.get((seen.thread.thread_key, data.evaluation_id))
    if item is not None and item.asked_at is not None:
        work.count("repeated_evaluations")
        return
    conversation = seen.thread.open or seen.thread.latest
    former = None if item is None else item.conv_key
    if item is None:
        item = _item(work, seen, data.evaluation_id, data.metric)
    item.conv_key = None if conversation is None else conversation.conv_key
    item.metric, item.question, item.scale = data.metric, data.question, data.scale
    item.asked_at, item.asked_event_id = seen.at, seen.event_id
    item.answers = tuple(_judged(item, each) for each in item.answers if _in_time(item, each.at, rules))
    for key in {former, item.conv_key}:
        if key is not None:
            refresh_scores(work, seen, key)
    if conversation is not None:
        name(work, conversation, seen, data.chatbot, data.conversation)


def on_answered(work: WorkingSet, seen: Occurrence, data: EvaluationAnswered, rules: Rules) -> None:
    """Adds an answer; one too late for its question is kept in the log only."""
    note_profile(work, seen, data.contact)
    item = work.evaluations.get((seen.thread.thread_key, data.evaluation_id))
    if item is not None and not _in_time(item, seen.at, rules):
        work.count("kept_in_log_only")
        return
    if item is None:
        conversation = seen.thread.open or seen.thread.latest
        item = _item(work, seen, data.evaluation_id, data.metric)
        item.conv_key = None if conversation is None else conversation.conv_key
    # An answer nobody asked for brings its own question; once asked, the asking event's holds (§5).
    if item.question is None:
        item.question = data.question
    answer = Answer(
        event_id=seen.event_id,
        at=seen.at,
        score=data.score,
        valid=False,
        raw_answer=data.raw_answer,
        comment=data.comment,
        message_id=data.message_id,
    )
    item.answers = (*item.answers, _judged(item, answer))
    if data.message_id is not None:
        _expect_message(work, seen, data.message_id, data.evaluation_id)
    if item.conv_key is not None:
        refresh_scores(work, seen, item.conv_key)
        conversation = work.conversations[seen.thread.account_id, item.conv_key]
        name(work, conversation, seen, data.chatbot, data.conversation)


def answered_conversation(
    work: WorkingSet, seen: Occurrence, message: Message, place: Place, rules: Rules
) -> Conversation | None:
    """The conversation whose survey this customer's message answers, in time; None when it answers none."""
    evaluation_id = message.evaluation_id or place.evaluation_id
    if evaluation_id is None:
        return None
    item = work.evaluations.get((seen.thread.thread_key, evaluation_id))
    if item is None or item.conv_key is None or not _in_time(item, seen.at, rules):
        return None
    return work.conversations[seen.thread.account_id, item.conv_key]


def refresh_scores(work: WorkingSet, seen: Occurrence, conv_key: int) -> None:
    """Works the scores of a conversation out anew: the latest valid answer of each metric by time and id."""
    conversation = work.conversations[seen.thread.account_id, conv_key]
    items = [item for item in seen.thread.surveys if item.conv_key == conv_key]
    conversation.nps = _score(items, NPS)
    conversation.csat = _score(items, CSAT)
    conversation.has_comment = any(item.comment for item in items)


def _score(items: list[EvaluationState], metric: str) -> Decimal | None:
    winners = [item.winner for item in items if item.metric == metric]
    valid = [winner for winner in winners if winner is not None and winner.valid]
    latest = max(valid, key=lambda answer: (answer.at, answer.event_id), default=None)
    return None if latest is None else number(latest.score)


def _item(work: WorkingSet, seen: Occurrence, evaluation_id: str, metric: str) -> EvaluationState:
    thread = seen.thread
    item = EvaluationState(thread.account_id, thread.thread_key, evaluation_id, None, metric)
    work.evaluations[thread.thread_key, evaluation_id] = item
    thread.surveys.append(item)
    return item


def _in_time(item: EvaluationState, at: datetime, rules: Rules) -> bool:
    return item.asked_at is None or at <= item.asked_at + rules.evaluation_window


def _judged(item: EvaluationState, answer: Answer) -> Answer:
    """The answer with its validity by the item's scale; without any scale every number counts."""
    scale = item.scale or USUAL_SCALES.get(item.metric)
    valid = answer.score is not None and (scale is None or _fits(scale, answer.score))
    return Answer(
        answer.event_id, answer.at, answer.score, valid, answer.raw_answer, answer.comment, answer.message_id
    )


def _fits(scale: Scale, score: float) -> bool:
    if not scale.min <= score <= scale.max:
        return False
    if not scale.step:
        return True
    steps = (score - scale.min) / scale.step
    return abs(steps - round(steps)) < _STEP_TOLERANCE


def _expect_message(work: WorkingSet, seen: Occurrence, message_id: str, evaluation_id: str) -> None:
    """The message that is this answer may come later: it must not open a conversation then."""
    place = work.place(seen.thread, message_id)
    if place.known or place.evaluation_id is not None:
        return
    place.evaluation_id = evaluation_id
    place.expect(seen.thread.thread_key, message_id)


def mention_evaluation(named: Mentions, data: EvaluationAsked | EvaluationAnswered) -> None:
    """A survey, and the message that is an answer to it."""
    named.evaluation_ids.add(data.evaluation_id)
    if type(data) is EvaluationAnswered and data.message_id is not None:
        named.message_ids.add(data.message_id)
