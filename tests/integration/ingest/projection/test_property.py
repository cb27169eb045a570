"""Any history, cut and interleaved in any way, gives the same tables; what must hold in them holds (docs/semantics.md)."""

import asyncio
import os
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.postgres import OwnConnection, connect
from tests.support.delivery import deliver
from tests.support.histories import histories
from tests.support.invariants import BROKEN
from tests.support.scenarios import Line, interleaved
from tests.support.tables import differences

EXAMPLES = int(os.environ.get("BITACORA_TEST_HISTORIES", "60"))
"""More of them: `BITACORA_TEST_HISTORIES=5000 pytest tests/integration/ingest/projection/test_property.py`."""


@pytest.fixture
def loop_and_connection(database: str) -> Iterator[tuple[asyncio.AbstractEventLoop, OwnConnection]]:
    """A loop of our own: Hypothesis runs the test many times, each must use the same connection."""
    loop = asyncio.new_event_loop()
    conn = loop.run_until_complete(connect(database, application_name="test"))
    yield loop, conn
    loop.run_until_complete(conn.close())
    loop.close()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=EXAMPLES <= 100,
)
@given(history=histories(), size=st.integers(1, 5), seed=st.randoms(use_true_random=False))
def test_any_history_gives_the_same_tables_however_it_comes(
    loop_and_connection: tuple[asyncio.AbstractEventLoop, OwnConnection],
    history: tuple[tuple[Line, ...], list[int]],
    size: int,
    seed: Random,
) -> None:
    loop, conn = loop_and_connection
    lines, order = history
    loop.run_until_complete(_check(conn, lines, order, size, seed))


async def _check(
    conn: OwnConnection, lines: tuple[Line, ...], order: list[int], size: int, seed: Random
) -> None:
    told = interleaved(*lines, order=order)
    whole = await deliver(conn, told)
    broken = [row["rule"] for row in await conn.fetch(BROKEN) if row["count"]]
    assert not broken
    shuffled = sorted(order, key=lambda _: seed.random())
    for log, cut in ((told, size), (interleaved(*lines, order=shuffled), size), (interleaved(*lines), 1)):
        found = differences(whole, await deliver(conn, log, cut))
        assert not found, "\n".join(found)
