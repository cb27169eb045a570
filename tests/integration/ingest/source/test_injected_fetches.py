"""Fetches that a real broker rarely gives, from a broker in the test's own process, to both clients."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.postgres import create_pool
from tests.support import ingest
from tests.support.broker.answers import OFFERED
from tests.support.broker.server import running_broker
from tests.support.checks import fetches
from tests.support.checks.broker_worker import Client, messages, reading
from tests.support.checks.findings import Check, Stage, partition, settled, until
from tests.support.checks.storm import storm

SEED = int(os.environ.get("BITACORA_TEST_SEED", "20260302"))


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    await ingest.add_account(database)
    pool = await create_pool(database, application_name="test", max_size=8)
    yield Stage(pool, tmp_path, patience=30.0)
    pool.terminate()


@pytest.mark.parametrize("check", [pytest.param(check, id=name) for name, check in fetches.CHECKS.items()])
async def test_nothing_is_lost_refused_or_read_into_a_hole(stage: Stage, check: Check) -> None:
    assert await check(stage) == {}


@pytest.mark.parametrize("client", ["faust", "aiokafka"])
async def test_the_broker_is_asked_in_the_versions_that_aiokafka_picks(stage: Stage, client: Client) -> None:
    async with running_broker() as broker:
        async with reading(stage, broker, client) as worker:
            await worker.placed([partition(0)])
            broker.append(messages(0, 10))
            await settled(stage, {0: 10})
            await until(lambda: broker.asked["HeartbeatRequest_v1"] > 0)
        assert broker.group("readers").committed == {("events", 0): 10}
        assert broker.asked.keys() <= {request.__name__ for request in OFFERED.values()}
        assert (
            len(broker.asked) >= len(OFFERED) - 1
        )  # positions come from the rows, so offsets may never be asked for


@pytest.mark.parametrize("client", ["faust", "aiokafka"])
async def test_a_storm_of_all_faults_at_random_loses_nothing(stage: Stage, client: Client) -> None:
    found, windows = await storm(stage, client, seed=SEED, steps=40)
    print(f"seed {SEED}, {client}: {windows}")
    assert found == {}
