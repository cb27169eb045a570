"""docs/semantics.md §2, §6 and §9: late messages, history, clocks, transcript order."""

import pytest
from bitacora_schemas.events.blocks import Actor

from tests.support.memory import told
from tests.support.scenarios import HUMAN, Line, minute


@pytest.mark.parametrize(
    ("at", "recorded", "late"),
    [(9, 14, True), (9, 15, True), (9, 16, False), (10, 11, False), (11, 11, False)],
)
def test_a_message_of_before_the_end_joins_what_ended_within_five_minutes(
    at: float,
    recorded: float,
    late: bool,  # noqa: FBT001
) -> None:
    line = Line()
    line.customer("m1", 0)
    line.ended(10)
    line.customer("m2", at, recorded=recorded)
    story = told(line)
    assert len(story.conversations) == (1 if late else 2)
    assert story.message("m2").late is late


def test_a_late_message_passes_by_the_conversation_that_is_open_now() -> None:
    line = Line()
    opening = line.customer("m1", 0)
    line.ended(10, reason="operator", of=opening)
    line.customer("m2", 11)
    line.customer("m3", 9, recorded=12)
    assert told(line).transcripts == [["m1", "m3"], ["m2"]]


def test_history_makes_ended_conversations_of_its_own() -> None:
    line = Line()
    line.customer("m1", 0)
    line.customer("h1", -5000, provenance="history", source_id="s1")
    line.sent("h2", -4990, provenance="history", source_id="s1")
    line.customer("h3", -5002, provenance="history", source_id="s1")
    line.customer("d1", -5000, provenance="history")
    line.customer("d2", -5001, provenance="history")
    line.customer("m2", 1)
    story = told(line)
    assert sorted(story.transcripts) == [["d2", "d1"], ["h3", "h1", "h2"], ["m1", "m2"]]
    imported = [each for each in story.conversations if each.imported]
    assert {each.end_reason for each in imported} == {"imported"}
    assert {each.ended_at for each in imported} == {minute(-4990), minute(-5000)}
    assert story.lifecycle == ["bitacora.conversation.opened.v1"]


def test_a_reply_stands_behind_its_target_and_keeps_its_own_time() -> None:
    line = Line()
    line.customer("m1", 0)
    line.sent("b1", 5, reply="m9")
    line.sent("b2", 6)
    line.customer("m9", 7)
    story = told(line)
    assert story.transcripts == [["m1", "b2", "b1", "m9"]]
    assert story.message("b1").occurred_at == minute(5)


def test_absent_sequences_come_first_then_the_log() -> None:
    line = Line()
    line.customer("m1", 0, sequence="0002")
    line.customer("m2", 0, sequence="0001")
    line.customer("m3", 0)
    line.customer("m4", 0)
    assert told(line).transcripts == [["m3", "m4", "m2", "m1"]]


def test_a_clock_far_ahead_is_clamped_and_its_skew_kept() -> None:
    line = Line()
    line.customer("m1", 30, recorded=0)
    line.customer("m2", 3, recorded=1)
    story = told(line)
    assert story.only.started_at == minute(0)
    assert story.message("m1").skew_ms == 30 * 60_000
    assert (story.message("m2").occurred_at, story.message("m2").skew_ms) == (minute(3), None)


def test_interactions_and_duration_leave_out_notes_and_the_system() -> None:
    line = Line()
    line.customer("m1", 0)
    line.sent("m2", 1)
    line.sent("m3", 2, sender=HUMAN)
    line.hsm("m4", 3)
    line.sent("n1", 9, sender=HUMAN, visibility="internal")
    line.customer("m5", 4)
    line.deleted("m5", 5)
    line.sent("s1", 4, sender=Actor(kind="system"))
    line.ended(500)
    totals = told(line).totals()
    assert (totals.customer_count, totals.assistant_count, totals.human_count, totals.template_count) == (
        2,
        1,
        1,
        1,
    )
    assert (totals.first_message_at, totals.last_message_at) == (minute(0), minute(4))
