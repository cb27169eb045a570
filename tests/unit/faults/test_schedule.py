"""A round's faults follow from its seed, and every kind is among them."""

import pytest

from tests.support.faults.__main__ import orders_of
from tests.support.faults.schedule import MAKE_UP, Kind, draw
from tests.support.faults.windows import Window, Windows, missed


@pytest.mark.parametrize("seed", range(20))
def test_every_kind_strikes_and_the_kills_asked_for_are_there(seed: int) -> None:
    schedule = draw(seed, kills=30, slots=4)
    struck = {fault.kind for fault in (*schedule.workers, *schedule.servers)}
    assert struck == set(Kind)
    assert schedule.kills >= 30


def test_a_seed_tells_the_same_story_again_and_another_seed_another() -> None:
    assert draw(7, kills=30, slots=4) == draw(7, kills=30, slots=4)
    assert draw(7, kills=30, slots=4) != draw(8, kills=30, slots=4)


def test_a_window_hit_too_seldom_is_named() -> None:
    windows = Windows()
    for window in Window:
        windows.hit(window, when=window is not Window.KILLED_IDLE)
    assert missed(windows.hits(), least=1) == [Window.KILLED_IDLE]
    assert len(missed(windows.hits(), least=2)) == len(Window)


def test_every_window_that_a_fault_can_hit_alone_has_one() -> None:
    counted_by_the_workers = {Window.REDONE, Window.REPEATS_FOUND}
    assert set(MAKE_UP) == set(Window) - counted_by_the_workers


def test_the_rounds_of_a_long_drill_bring_the_kills_and_events_asked_for_on_both_sources() -> None:
    orders = orders_of(1, 300, 300_000)
    assert sum(order.kills for order in orders) >= 300
    assert sum(order.records for order in orders) > 300_000
    assert {order.source for order in orders} == {"faust", "aiokafka"}
    assert len({order.seed for order in orders}) == len(orders)
