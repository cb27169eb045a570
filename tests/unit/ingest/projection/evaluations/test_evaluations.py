"""docs/semantics.md §5: surveys and their answers."""

from decimal import Decimal

import pytest
from bitacora_schemas.events.evaluation import Scale

from tests.support.memory import told
from tests.support.scenarios import Line

DAY = 24 * 60


def test_an_answer_belongs_to_the_conversation_of_its_question_even_after_the_end() -> None:
    line = Line()
    line.customer("m1", 0)
    line.asked("e1", 1)
    line.ended(2)
    line.customer("m2", 3)
    line.answered("e1", 4, score=9, comment="bien")
    first, second = told(line).conversations
    assert (first.nps, first.has_comment, second.nps) == (Decimal(9), True, None)


def test_an_answer_after_a_day_is_kept_in_the_log_only() -> None:
    line = Line()
    line.customer("m1", 0)
    line.asked("e1", 1)
    line.answered("e1", DAY + 1, score=7)
    line.answered("e1", DAY + 2, score=2)
    story = told(line)
    assert story.only.nps == 7
    assert len(story.evaluation("e1").answers) == 1


def test_the_last_valid_answer_wins_and_an_invalid_one_never_replaces_it() -> None:
    line = Line()
    line.customer("m1", 0)
    line.asked("e1", 1)
    line.answered("e1", 2, score=8)
    line.answered("e1", 4, score=11)
    line.answered("e1", 5, score=None)
    line.answered("e1", 3, score=6)
    story = told(line)
    assert story.only.nps == 6
    assert [answer.valid for answer in story.evaluation("e1").answers] == [True, False, False, True]


@pytest.mark.parametrize(
    ("metric", "scale", "score", "valid"),
    [
        ("nps", None, 0, True),
        ("nps", None, -1, False),
        ("csat", None, 0, False),
        ("csat", None, 5, True),
        ("csat", Scale(min=1, max=3), 5, False),
        ("nps", Scale(min=0, max=10, step=0.5), 7.5, True),
        ("nps", Scale(min=0, max=10, step=1), 7.5, False),
        ("ces", None, 77, True),
    ],
)
def test_a_score_is_judged_by_its_scale(metric: str, scale: Scale | None, score: float, valid: bool) -> None:  # noqa: FBT001
    line = Line()
    line.customer("m1", 0)
    line.asked("e1", 1, metric=metric, scale=scale)
    line.answered("e1", 2, score=score, metric=metric)
    winner = told(line).evaluation("e1").winner
    assert winner is not None
    assert winner.valid is valid


def test_an_answer_never_asked_for_belongs_to_the_open_conversation_else_the_latest() -> None:
    line = Line()
    line.customer("m1", 0)
    line.answered("e1", 1, score=3, metric="csat")
    line.ended(2)
    line.answered("e2", 3, score=10)
    conversation = told(line).only
    assert (conversation.csat, conversation.nps) == (Decimal(3), Decimal(10))


def test_the_customers_message_that_is_the_answer_opens_nothing() -> None:
    line = Line()
    line.customer("m1", 0)
    line.asked("e1", 1)
    line.ended(2)
    line.customer("m2", 10, "9", evaluation="e1")
    line.answered("e1", 10, score=9, message_id="m3")
    line.customer("m3", 11, "9")
    assert told(line).transcripts == [["m1", "m2", "m3"]]


def test_a_message_that_answers_an_unknown_or_old_survey_opens_as_usual() -> None:
    line = Line()
    line.customer("m1", 0)
    line.asked("e1", 1)
    line.ended(2)
    line.customer("m2", 10, evaluation="e7")
    line.ended(11)
    line.customer("m3", DAY + 2, evaluation="e1")
    assert told(line).transcripts == [["m1"], ["m2"], ["m3"]]
