"""Where a partition is read from, and which batches may be written: decisions over a row and a log."""

from uuid import UUID

import pytest

from services.ingest.batch.fence import (
    Apply,
    Checkpoint,
    Halt,
    HaltReason,
    PartitionHalted,
    ReadFrom,
    Refuse,
    Replayed,
    StayHalted,
    check_batch,
    judge_jump,
    place,
)
from services.ingest.source.broker_facts import LogRange
from services.ingest.source.protocol import Jump

OURS = UUID(int=1)
ANOTHER = UUID(int=2)
LOG = LogRange(10, 100)


def row(next_offset: int, topic_id: UUID | None = OURS, *, halted: bool = False) -> Checkpoint:
    return Checkpoint(1, topic_id, next_offset, halted)


def test_without_a_row_reading_starts_at_the_start_of_the_log() -> None:
    assert place(None, OURS, LOG) == ReadFrom(10, create=True)


def test_with_a_row_reading_goes_on_where_it_says() -> None:
    assert place(row(40), OURS, LOG) == ReadFrom(40)
    assert place(row(10), OURS, LOG) == ReadFrom(10)
    assert place(row(100), OURS, LOG) == ReadFrom(100)


def test_a_row_that_does_not_know_its_topic_s_id_learns_it() -> None:
    assert place(row(40, None), OURS, LOG) == ReadFrom(40, adopt=True)


def test_events_deleted_before_they_were_read_halt_the_partition() -> None:
    assert place(row(4), OURS, LOG) == Halt(HaltReason.GAP, 4, 10)


def test_a_log_that_ends_before_the_row_halts_the_partition() -> None:
    assert place(row(130), OURS, LOG) == Halt(HaltReason.TRUNCATED, 100, 130)


def test_a_topic_made_anew_halts_the_partition_whatever_its_offsets() -> None:
    for next_offset in (4, 40, 130):
        halt = place(row(next_offset, ANOTHER), OURS, LOG)
        assert isinstance(halt, Halt)
        assert halt.reason is HaltReason.INCARNATION


def test_a_halted_partition_stays_halted_until_somebody_decides() -> None:
    assert place(row(4, halted=True), OURS, LOG) == StayHalted()


@pytest.mark.parametrize(
    ("start", "following", "verdict"),
    [
        (40, 50, Apply(40)),  # goes on exactly at the row
        (30, 50, Apply(40)),  # overlaps what was applied: the rest is new
        (30, 40, Replayed()),
        (20, 30, Replayed()),
        (41, 50, Refuse()),  # something before it is missing
        (40, 41, Apply(40)),
    ],
)
def test_a_batch_is_judged_against_the_locked_row_on_both_sides(
    start: int, following: int, verdict: object
) -> None:
    assert check_batch(row(40), start, following, OURS) == verdict


def test_a_batch_without_a_row_or_of_another_incarnation_is_refused() -> None:
    assert check_batch(None, 0, 5, OURS) == Refuse()
    assert check_batch(row(40), 40, 50, ANOTHER) == Refuse()
    assert check_batch(row(40, None), 40, 50, OURS) == Refuse()


def test_a_batch_of_a_halted_partition_is_withheld() -> None:
    assert check_batch(row(40, halted=True), 40, 50, OURS) == PartitionHalted()


def test_a_hole_inside_the_log_is_accepted() -> None:
    assert judge_jump(40, 45, known_id=OURS, topic_id=OURS, log=LOG) == (Jump.ACCEPT, None)


def test_a_hole_because_retention_passed_us_is_a_halt_with_its_range() -> None:
    assert judge_jump(4, 10, known_id=OURS, topic_id=OURS, log=LOG) == (
        Jump.STOP,
        Halt(HaltReason.GAP, 4, 10),
    )


def test_records_below_the_position_are_a_halt_when_the_log_is_shorter_or_another() -> None:
    jump, halt = judge_jump(130, 10, known_id=OURS, topic_id=OURS, log=LOG)
    assert (jump, halt and halt.reason) == (Jump.STOP, HaltReason.TRUNCATED)
    jump, halt = judge_jump(40, 10, known_id=OURS, topic_id=ANOTHER, log=LOG)
    assert (jump, halt and halt.reason) == (Jump.STOP, HaltReason.INCARNATION)


def test_records_below_the_position_of_a_sound_log_are_a_misread_and_read_again() -> None:
    assert judge_jump(40, 10, known_id=OURS, topic_id=OURS, log=LOG) == (Jump.READ_AGAIN, None)
