"""The same history, however it is delivered, gives the same tables (docs/semantics.md; promise P2)."""

from collections.abc import Callable

import pytest

from services.chassis.postgres import connect
from tests.support.delivery import deliver
from tests.support.scenarios import Line, interleaved
from tests.support.stories import STORIES
from tests.support.tables import differences


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_a_history_gives_the_same_tables_in_any_cut_and_any_interleaving(
    database: str, story: Callable[[], tuple[Line, ...]]
) -> None:
    lines: tuple[Line, ...] = story()
    conn = await connect(database, application_name="test")
    try:
        whole = await deliver(conn, interleaved(*lines), 10_000)
        for order in _orders(lines):
            log = interleaved(*lines, order=order)
            for size in (1, 2, 3, 10_000):
                found = differences(whole, await deliver(conn, log, size))
                assert not found, "\n".join([f"{order} by {size}", *found])
    finally:
        await conn.close()


def _orders(lines: tuple[Line, ...]) -> list[list[int] | None]:
    """One thread after the other, the other way round, and turn by turn."""
    if len(lines) == 1:
        return [None]
    longest = max(len(line.events) for line in lines)
    backwards = [index for index in reversed(range(len(lines))) for _ in lines[index].events]
    turns = [index for _ in range(longest) for index in range(len(lines))]
    return [None, backwards, turns, list(reversed(turns))]
