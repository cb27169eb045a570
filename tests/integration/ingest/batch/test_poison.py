"""Every kind of bad record among many good ones: each is refused for its own reason, and no good one is missed."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from services.chassis.postgres import Pool, create_pool
from tests.support import ingest
from tests.support.ingest_bench import bench
from tests.support.poison import kinds, poison

GOOD = 110_000
EACH = 25


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=6)
    yield pool
    pool.terminate()


async def test_poison_is_refused_by_name_and_good_events_are_all_applied(pool: Pool) -> None:
    names = sorted(kinds())
    assert len(names) >= 40
    bad = [(name, number) for number in range(EACH) for name in names]
    every = GOOD // len(bad)
    async with bench(pool) as worker:
        expected: Counter[str] = Counter()
        for place, (name, number) in enumerate(bad):
            worker.fill(place * every, every)
            worker.log.append(*poison(name, 1_000_000 + place * 100 + number))
            expected[kinds()[name].value] += 1
        await worker.reached(len(bad) * (every + 1), seconds=90)
        assert await worker.refusals() == dict(expected)
        assert len(await worker.offsets()) == len(bad) * every
    letters = await pool.fetch("SELECT position, reason FROM log.dead_letter ORDER BY position")
    told = [(row["position"], row["reason"]) for row in letters]
    assert told == [
        (place * (every + 1) + every, kinds()[name].value) for place, (name, _) in enumerate(bad)
    ], "each for its own reason"
