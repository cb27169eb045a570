"""docs/semantics.md §7 and §8: statuses, edits, deletions, reactions and files, before their message or after it."""

from itertools import permutations

from tests.support.memory import told
from tests.support.scenarios import HUMAN, Line, minute, picture


def test_statuses_only_go_forward_and_failed_shows_only_below_delivered() -> None:
    for history, shown in (
        (["sent", "read", "delivered"], "read"),
        (["failed", "sent"], "failed"),
        (["failed", "delivered"], "delivered"),
        (["sent", "clicked"], "sent"),
        (["warning"], None),
    ):
        for order in permutations(history):
            line = Line()
            line.customer("m0", 0)
            for number, status in enumerate(order):
                line.status("m1", status, 2 + number)
            line.sent("m1", 1)
            assert told(line).message("m1").status == shown, order


def test_a_message_shows_the_lowest_status_of_its_parts() -> None:
    line = Line()
    line.customer("m0", 0)
    line.sent("m1", 1, parts=(picture("a"), picture("b", index=1)))
    line.status("m1", "read", 2, part=1)
    assert told(line).message("m1").status == "read"
    line.status("m1", "sent", 3)
    assert told(line).message("m1").status == "sent"
    line.status("m1", "delivered", 4, part=0)
    assert told(line).message("m1").status == "delivered"


def test_the_latest_edit_is_what_a_message_reads_in_any_order() -> None:
    for order in permutations(["edit one", "edit two", "message"]):
        line = Line()
        line.customer("m0", 0)
        for step in order:
            if step == "message":
                line.customer("m1", 1, "uno")
            else:
                line.edited("m1", 2 if step == "edit one" else 3, step)
        message = told(line).message("m1")
        assert (message.plain_text, message.edited_at) == ("edit two", minute(3))


def test_a_deletion_leaves_a_tombstone_without_files() -> None:
    for first in ("message", "deletion", "file"):
        line = Line()
        line.customer("m0", 0)
        if first == "deletion":
            line.deleted("m1", 5)
        if first == "file":
            line.stored("m1", 4)
        line.customer("m1", 1, "foto", picture=True)
        line.edited("m1", 2, "otra")
        if first != "deletion":
            line.deleted("m1", 5)
        line.stored("m1", 6)
        story = told(line)
        message = story.message("m1")
        assert (message.plain_text, message.parts, message.edited_at) == ("", None, None)
        assert message.deleted_at == minute(5)
        assert story.only.customer_files == 0
        assert not any(story.work.files.values())


def test_a_deletion_on_ones_own_device_changes_nothing_shown() -> None:
    line = Line()
    line.customer("m1", 0)
    line.deleted("m1", 1, scope="self")
    assert told(line).message("m1").deleted_at is None


def test_the_last_reaction_of_each_actor_wins() -> None:
    line = Line()
    line.customer("m1", 0)
    line.reacted("m1", 3, None)
    line.reacted("m1", 2, "👍")
    line.reacted("m1", 2, "❤️", actor=HUMAN)
    story = told(line)
    reactions = story.work.reactions[story.key(line, "m1")]
    assert {key: row.emoji for key, row in reactions.items()} == {
        ("customer", ""): None,
        ("human", "h-1"): "❤️",
    }


def test_a_file_shows_its_latest_state_whether_or_not_its_message_has_come() -> None:
    for order in permutations(["message", "stored", "unavailable"]):
        line = Line()
        line.customer("m0", 0)
        for step in order:
            if step == "message":
                line.customer("m1", 1, picture=True)
            elif step == "stored":
                line.stored("m1", 8)
            else:
                line.unavailable("m1", 7)
        story = told(line)
        (file,) = story.work.files[story.key(line, "m1")].values()
        assert (file.state, file.name, file.size_bytes) == ("stored", "foto.png", 9)
        assert (file.from_customer, file.conv_key, file.occurred_at) == (True, story.only.conv_key, minute(1))
        assert story.only.customer_files == 1
