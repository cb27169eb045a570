"""docs/semantics.md §4 and the greetings of §6: what was sent before the customer answered."""

import pytest

from tests.support.memory import told
from tests.support.scenarios import Line, minute

DAY = 24 * 60


def test_the_hsm_before_an_answer_stands_first_and_counts_for_nothing_but_itself() -> None:
    line = Line()
    line.hsm("w1", 0)
    line.status("w1", "delivered", 1)
    line.customer("m1", 30)
    line.sent("m2", 31)
    story = told(line)
    totals = story.totals()
    assert story.transcripts == [["w1", "m1", "m2"]]
    assert story.message("w1").kind == 2
    assert story.message("w1").status == "delivered"
    assert story.only.started_at == minute(30)
    assert (totals.first_message_at, totals.last_message_at) == (minute(30), minute(31))
    assert (totals.template_count, totals.customer_count, totals.assistant_count) == (1, 1, 1)
    assert totals.started_by_template


@pytest.mark.parametrize(("sent", "belongs"), [(-DAY - 1, False), (-DAY, True), (-1, True), (0, True)])
def test_the_window_is_a_day(sent: float, belongs: bool) -> None:  # noqa: FBT001
    line = Line()
    line.hsm("w1", sent)
    line.customer("m1", 0)
    assert told(line).transcripts == [["w1", "m1"] if belongs else ["m1"]]


def test_the_first_message_takes_what_it_replies_to_whatever_its_age_and_nothing_else() -> None:
    line = Line()
    line.hsm("old", -10 * DAY)
    line.hsm("new", -5)
    line.customer("m1", 0, reply="old")
    story = told(line)
    assert story.transcripts == [["old", "m1"]]
    assert story.waiting() == ["new"]


def test_what_was_sent_before_the_previous_end_does_not_belong() -> None:
    line = Line()
    line.customer("m0", 0)
    line.hsm("inside", 5)
    line.ended(10)
    line.hsm("w1", 20)
    line.customer("m1", 30)
    story = told(line)
    assert story.transcripts == [["m0", "inside"], ["w1", "m1"]]
    assert story.message("inside").kind == 1
    assert story.totals(story.conversations[0]).last_message_at == minute(5)


def test_an_hsm_that_arrives_late_finds_its_conversation_by_time() -> None:
    line = Line()
    line.customer("m1", 30)
    line.ended(40)
    line.customer("m2", 60)
    line.hsm("before", 20)
    line.hsm("inside", 35)
    line.hsm("between", 50)
    assert told(line).transcripts == [["before", "m1", "inside"], ["between", "m2"]]


def test_a_late_reply_target_takes_the_place_of_what_the_window_gave() -> None:
    line = Line()
    line.hsm("w1", -5)
    line.customer("m1", 0, reply="w9")
    assert told(line).transcripts == [["w1", "m1"]]
    line.hsm("w9", -90)
    story = told(line)
    assert story.transcripts == [["w9", "m1"]]
    assert story.waiting() == ["w1"]


def test_an_end_before_its_time_lets_an_hsm_go() -> None:
    line = Line()
    line.customer("m1", 0)
    line.hsm("w1", 20)
    line.ended(10)
    line.customer("m2", 30)
    story = told(line)
    assert story.transcripts == [["m1"], ["w1", "m2"]]
    assert story.totals(story.conversations[0]).template_count == 0


def test_an_hsm_to_a_dialled_number_is_found_by_an_answer_under_another_identifier() -> None:
    dialled, known = Line("5511900000000", kind="phone"), Line("bsuid-1", kind="bsuid")
    dialled.hsm("w1", 0)
    dialled.status("w1", "sent", 1)
    known.status("w1", "read", 2)
    known.customer("m1", 10)
    known.linked(11, ("phone", "5511900000000"))
    for lines in ((dialled, known), (known, dialled)):
        story = told(*lines)
        assert story.transcripts == [["w1", "m1"]]
        assert story.message("w1").status == "read"


def test_an_hsm_joins_the_open_conversation_of_a_linked_thread() -> None:
    dialled, known = Line("5511900000000", kind="phone"), Line("bsuid-1", kind="bsuid")
    known.customer("m1", 0)
    known.linked(1, ("phone", "5511900000000"))
    dialled.hsm("w1", 5)
    story = told(known, dialled)
    assert story.transcripts == [["m1", "w1"]]
    assert story.message("w1").kind == 1


def test_an_unlinked_thread_keeps_its_own() -> None:
    one, other = Line("5511900000000"), Line("5511900000001")
    one.hsm("w1", 0)
    other.customer("m1", 10)
    assert told(one, other).transcripts == [["m1"]]


def test_a_greeting_heads_the_next_conversation_and_is_no_hsm() -> None:
    line = Line()
    line.sent("g1", 0)
    line.customer("m1", 10)
    story = told(line)
    totals = story.totals()
    assert story.transcripts == [["g1", "m1"]]
    assert story.message("g1").kind == 3
    assert (totals.assistant_count, totals.template_count, totals.started_by_template) == (1, 0, False)
    assert totals.first_message_at == minute(10)


def test_a_greeting_of_more_than_a_day_ago_is_kept_in_the_log_only() -> None:
    line = Line()
    line.sent("g1", 0)
    line.customer("m1", DAY + 1)
    assert told(line).transcripts == [["m1"]]


@pytest.mark.parametrize(("after", "joins"), [(4, True), (5, True), (6, False)])
def test_an_assistants_message_joins_what_ended_a_moment_before(after: float, joins: bool) -> None:  # noqa: FBT001
    line = Line()
    line.customer("m1", 0)
    line.ended(10)
    line.sent("b1", 10 + after)
    story = told(line)
    assert story.transcripts == [["m1", "b1"] if joins else ["m1"]]
    assert not any(row.late for row in story.work.messages.values())


def test_an_answer_goes_where_its_target_is_however_late_it_or_its_target_comes() -> None:
    line = Line()
    line.customer("m1", 0)
    line.ended(10)
    line.customer("m2", 100)
    line.sent("b1", 200, reply="m1")
    line.sent("b2", 201, reply="b9")
    assert told(line).transcripts == [["m1", "b1"], ["m2", "b2"]]
    line.sent("b9", 9, reply="m1")
    assert told(line).transcripts == [["m1", "b9", "b1", "b2"], ["m2"]]
