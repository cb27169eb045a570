"""docs/semantics.md §13: what a person or a classifier says of a conversation."""

from itertools import permutations

from tests.support.memory import Told, told
from tests.support.scenarios import Line


def test_an_annotation_belongs_to_the_open_conversation_else_to_the_latest() -> None:
    line = Line()
    line.customer("m1", 0)
    line.annotated("a1", 1)
    line.ended(2)
    line.annotated("a2", 3)
    story = told(line)
    assert story.annotation("a1").conversation is story.annotation("a2").conversation is story.only


def test_one_that_hangs_on_a_message_belongs_where_the_message_is() -> None:
    line = Line()
    line.customer("m1", 0)
    line.ended(1)
    line.customer("m2", 2)
    line.annotated("a1", 3, of_message="m1")
    line.annotated("a2", 3, of_message="m9")
    story = told(line)
    assert [story.annotation(id_).conversation for id_ in ("a1", "a2")] == story.conversations


def test_a_message_that_waited_does_not_decide() -> None:
    line = Line()
    line.hsm("w1", 0)
    line.customer("m1", 1, reply="w1")
    line.ended(2)
    line.customer("m2", 3)
    line.annotated("a1", 4, of_message="w1")
    story = told(line)
    assert story.annotation("a1").conversation is story.conversations[1]


def test_imported_history_can_be_annotated_by_its_messages() -> None:
    line = Line()
    line.customer("h1", -5000, provenance="history")
    line.annotated("a1", 1)
    line.annotated("a2", 1, of_message="h1")
    story = told(line)
    assert story.annotation("a1").conversation is None
    assert story.annotation("a2").conversation is story.only


def test_where_nothing_is_it_stays_in_the_log_and_is_remembered() -> None:
    line = Line()
    line.annotated("a1", 5, value=None)
    line.customer("m1", 6)
    line.annotated("a1", 4)
    story = told(line)
    assert story.work.counts["kept_in_log_only"] == 1
    assert (story.annotation("a1").conversation, story.annotation("a1").row.value) == (story.only, None)


def test_the_latest_wins_in_any_order_and_told_twice_changes_nothing() -> None:
    for order in permutations(range(3)):
        line = Line()
        line.customer("m1", 0)
        for number in order:
            line.annotated("a1", 10 + number, f"clave {number}", value=None if number == 2 else "x")
        again = [*line.events, *line.events[1:]]
        for events in (line.events, again):
            row = Told(events).annotation("a1").row
            assert (row.key, row.value) == ("clave 2", None)


def test_it_stays_where_its_first_event_put_it() -> None:
    line = Line()
    line.customer("m1", 0)
    line.annotated("a1", 1)
    line.ended(2)
    line.customer("m2", 3)
    line.annotated("a1", 4, value="alta")
    story = told(line)
    item = story.annotation("a1")
    assert (item.conversation, item.row.value) == (story.conversations[0], '"alta"')


def test_it_opens_ends_counts_and_moves_nothing() -> None:
    line = Line()
    line.annotated("a0", 0)
    line.customer("m1", 1)
    line.sent("m2", 2)
    plain = told(line)
    line.annotated("a1", 50, kind="note", value="hola", of_message="m1")
    story = told(line)
    assert len(story.conversations) == 1
    assert story.only.is_open
    before, after = plain.totals(), story.totals()
    assert (after.customer_count, after.assistant_count, after.last_message_at, after.last_activity_at) == (
        before.customer_count, before.assistant_count, before.last_message_at, before.last_activity_at,
    )  # fmt: skip
    assert story.only.last_message_event_id == plain.only.last_message_event_id
