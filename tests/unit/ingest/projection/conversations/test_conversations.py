"""docs/semantics.md §3: what opens a conversation, what ends it, what does neither."""

import pytest
from bitacora_schemas.events.blocks import Chatbot

from tests.support.memory import told
from tests.support.scenarios import BOT, CUSTOMER, HUMAN, OPERATOR, Line, minute


def test_a_public_customer_message_opens_and_the_next_one_joins() -> None:
    line = Line()
    opening = line.customer("m1", 0)
    line.sent("m2", 1)
    line.customer("m3", 2)
    story = told(line)
    assert story.transcripts == [["m1", "m2", "m3"]]
    assert story.only.conversation_id == line.opened_by(opening)
    assert story.only.started_at == minute(0)
    assert story.only.is_open


def test_what_is_no_customer_message_opens_nothing() -> None:
    line = Line()
    line.status("m0", "sent", 0)
    line.reacted("m0", 1, "👍")
    line.edited("m0", 2, "x")
    line.deleted("m0", 3)
    line.sent("n1", 4, sender=HUMAN, visibility="internal")
    line.hsm("w1", 5)
    line.sent("g1", 6)
    line.answered("e1", 7)
    line.transferred(8)
    line.customer("c1", 9, visibility="internal")
    line.ended(10)
    assert told(line).conversations == []


def test_the_next_customer_message_after_an_end_opens_another() -> None:
    line = Line()
    opening = line.customer("m1", 0)
    line.ended(5, reason="operator", by=OPERATOR, of=opening)
    line.customer("m2", 6)
    story = told(line)
    first, second = story.conversations
    assert story.transcripts == [["m1"], ["m2"]]
    assert (first.end_reason, first.end_by_kind, first.end_by_id, first.ended_at) == (
        "operator",
        "human",
        "user-7",
        minute(5),
    )
    assert second.is_open
    assert story.lifecycle == [
        "bitacora.conversation.opened.v1",
        "bitacora.conversation.closed.v1",
        "bitacora.conversation.opened.v1",
    ]


def test_log_order_decides_who_ended_and_an_end_of_what_is_over_changes_nothing() -> None:
    line = Line()
    opening = line.customer("m1", 0)
    line.ended(4)
    line.customer("m2", 5)
    line.ended(6, reason="operator", by=OPERATOR, of=opening)
    first, second = told(line).conversations
    assert first.end_reason == "assistant"
    assert second.is_open


def test_started_opens_and_while_one_is_open_only_a_restart_does() -> None:
    line = Line()
    line.started(0)
    line.customer("m1", 1)
    line.started(2)
    line.started(3, reason="restart", initiator=CUSTOMER)
    line.customer("m2", 4)
    line.started(5, reason="restart")
    story = told(line)
    assert story.transcripts == [["m1"], ["m2"], []]
    assert [each.end_reason for each in story.conversations] == ["replaced", "replaced", None]
    assert [each.end_by_kind for each in story.conversations] == ["customer", "system", None]


@pytest.mark.parametrize("later", [False, True])
def test_a_timeout_counts_only_if_no_message_came_after_the_one_it_names(later: bool) -> None:  # noqa: FBT001
    line = Line()
    opening = line.customer("m1", 0)
    last = line.sent("m2", 1)
    if later:
        line.customer("m3", 2)
    line.ended(1500, reason="timeout", of=opening, causation=last.event.attributes.id)
    assert told(line).only.is_open is later


def test_a_late_prelude_does_not_stop_a_timeout_but_an_hsm_inside_does() -> None:
    for hsm_at, open_after in ((-5, False), (5, True)):
        line = Line()
        opening = line.customer("m1", 0)
        line.hsm("w1", hsm_at)
        line.ended(1500, reason="timeout", of=opening, causation=opening.event.attributes.id)
        assert told(line).only.is_open is open_after


def test_a_repeated_message_id_changes_nothing() -> None:
    line = Line()
    line.customer("m1", 0, "uno")
    line.ended(1)
    line.customer("m1", 2, "dos")
    line.sent("m1", 3, "tres")
    story = told(line)
    assert story.only.end_reason == "assistant"
    assert story.message("m1").plain_text == "uno"
    assert story.work.counts["repeated_messages"] == 2


def test_a_note_with_nothing_open_is_not_shown_even_when_it_is_told_again() -> None:
    line = Line()
    line.sent("n1", 0, sender=HUMAN, visibility="internal")
    line.customer("m1", 1)
    line.sent("n1", 2, sender=HUMAN, visibility="internal")
    assert told(line).transcripts == [["m1"]]


def test_transfers_are_marked_in_the_open_conversation() -> None:
    line = Line()
    line.customer("m1", 0)
    line.transferred(1, to=HUMAN, from_=BOT)
    story = told(line)
    (transfer,) = story.work.transfers.values()
    assert story.only.transferred
    assert (transfer.from_id, transfer.to_kind, transfer.to_name) == ("orders", "human", "Rosa")


def test_threads_do_not_share_conversations() -> None:
    live, trial = Line(), Line(environment="testing")
    live.customer("m1", 0)
    trial.customer("m1", 0)
    assert sorted(each.environment for each in told(live, trial).conversations) == [1, 2]


def test_the_version_is_that_of_the_latest_event_that_names_a_chatbot_in_whatever_order_they_come() -> None:
    line = Line()
    line.customer("m1", 0, chatbot=Chatbot(id="orders", version="11"))
    line.sent("m2", 5, chatbot=Chatbot(id="orders", version="12"))
    line.sent("m3", 3, chatbot=Chatbot(id="orders", version="10"))
    line.sent("m4", 6)
    assert told(line).only.totals.chatbot_version == "12"


def test_a_chatbot_that_tells_no_version_any_more_shows_none() -> None:
    line = Line()
    line.customer("m1", 0, chatbot=Chatbot(id="orders", version="11"))
    line.sent("m2", 5, chatbot=Chatbot(id="billing"))
    assert told(line).only.totals.chatbot_version is None
