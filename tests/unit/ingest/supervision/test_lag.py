"""How long a partition is said to lag."""

from services.ingest.source.protocol import TopicPartition
from services.ingest.supervision.lag import LagClock

HERE = TopicPartition("events", 0)
THERE = TopicPartition("events", 1)


def waits(clock: LagClock, lag: int, now: float, applied_at: float | None = None) -> float:
    applied = {} if applied_at is None else {HERE: applied_at}
    return clock.seconds({HERE: lag}, applied, now)[HERE]


def test_without_lag_nothing_waits() -> None:
    assert waits(LagClock(), 0, now=1_000.0, applied_at=10.0) == 0


def test_a_backlog_is_as_old_as_the_newest_record_that_was_stored() -> None:
    clock = LagClock()
    assert waits(clock, 500, now=1_000.0, applied_at=400.0) == 600
    assert waits(clock, 100, now=1_010.0, applied_at=900.0) == 110


def test_one_record_after_a_quiet_day_has_not_waited_a_day() -> None:
    clock = LagClock()
    waits(clock, 0, now=90_000.0, applied_at=10.0)
    assert waits(clock, 1, now=90_010.0, applied_at=10.0) == 10


def test_before_anything_was_stored_the_wait_counts_from_the_first_look() -> None:
    clock = LagClock()
    assert waits(clock, 7, now=50.0) == 0
    assert waits(clock, 7, now=80.0) == 30


def test_a_partition_that_left_is_forgotten() -> None:
    clock = LagClock()
    waits(clock, 0, now=100.0)
    clock.seconds({THERE: 0}, {}, 200.0)
    assert waits(clock, 5, now=300.0) == 0


def test_kafka_s_clock_ahead_of_ours_makes_no_wait_negative() -> None:
    assert waits(LagClock(), 3, now=100.0, applied_at=160.0) == 0
