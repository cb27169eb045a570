"""When is what Kafka had at a moment readable? When every checkpoint has passed the ends of that moment."""

from __future__ import annotations

from datetime import timedelta

from services.query.freshness import Samples
from services.readmodel.freshness import Checkpoint, Partition, judge_freshness
from services.readmodel.rows import Freshness
from tests.support.seed import NOW


def at(*offsets: int) -> dict[Partition, Checkpoint]:
    """Checkpoints of the partitions 0, 1, ..."""
    return {("t", number): Checkpoint(offset, NOW, halted=False) for number, offset in enumerate(offsets)}


def ends(*offsets: int) -> dict[Partition, int]:
    """Ends of the partitions 0, 1, ..."""
    return {("t", number): offset for number, offset in enumerate(offsets)}


def test_an_idle_log_is_fresh_as_of_the_last_look() -> None:
    samples = Samples()
    samples.add(NOW, ends(5, 0))
    assert samples.settle(at(5)) == NOW
    samples.add(NOW + timedelta(seconds=1), ends(5, 0))
    assert samples.settle(at(5)) == NOW + timedelta(seconds=1)


def test_under_steady_load_freshness_follows_at_the_distance_of_the_lag() -> None:
    samples = Samples()
    for second in range(10):
        samples.add(NOW + timedelta(seconds=second), ends(100 * second))
        samples.settle(at(max(100 * (second - 2), 0)))
    assert samples.as_of == NOW + timedelta(seconds=7)


def test_one_partition_behind_holds_everything_back() -> None:
    samples = Samples()
    samples.add(NOW, ends(5, 5))
    assert samples.settle(at(9, 4)) is None
    assert samples.settle(at(9, 5)) == NOW


def test_an_age_is_never_negative_and_unknown_before_the_first_look() -> None:
    assert judge_freshness(None, NOW) == Freshness(None, None)
    assert judge_freshness(NOW, NOW - timedelta(seconds=1)) == Freshness(NOW, 0.0)
    assert judge_freshness(NOW, NOW + timedelta(milliseconds=1234)) == Freshness(NOW, 1.23)
