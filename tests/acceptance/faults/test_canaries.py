"""Would the checks notice? Each runs on the build as it is and finds nothing, then on a broken build and must find it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.postgres import create_pool
from tests.support import ingest
from tests.support.canaries.flock import FLOCK, Canary
from tests.support.checks.findings import Findings, Stage
from tests.support.stack import DatabaseMaker, throwaway_database

SOUND_PATIENCE = 30.0
BROKEN_PATIENCE = 3.0
"""Seconds of standstill that end a check: a broken build may never arrive, and that is no verdict on it alone."""

_caught: dict[str, tuple[str, Findings]] = {}


class Stages:
    """A fresh database for each run of a check."""

    def __init__(self, maker: DatabaseMaker, template: str, folder: Path) -> None:
        self._maker = maker
        self._template = template
        self._folder = folder

    @contextlib.asynccontextmanager
    async def fresh(self, patience: float) -> AsyncIterator[Stage]:
        with contextlib.contextmanager(throwaway_database)(self._maker, self._template) as dsn:
            await ingest.add_account(dsn)
            pool = await create_pool(dsn, application_name="test", max_size=8)
            try:
                yield Stage(pool, self._folder, patience)
            finally:
                pool.terminate()


@pytest.fixture
def stages(database_maker: DatabaseMaker, migrated_template: str, tmp_path: Path) -> Stages:
    return Stages(database_maker, migrated_template, tmp_path)


async def release(stages: Stages, canary: Canary) -> None:
    """The check on the sound build, then on the broken one."""
    async with stages.fresh(SOUND_PATIENCE) as stage:
        assert await canary.check(stage) == {}
    async with stages.fresh(BROKEN_PATIENCE) as stage:
        with canary.build():
            found = await canary.check(stage)
    assert canary.is_caught(found), (canary.findings, found)
    _caught[canary.name] = canary.caught_by, found


@pytest.mark.parametrize("canary", [pytest.param(canary, id=canary.name) for canary in FLOCK])
async def test_a_check_passes_the_sound_build_and_catches_the_broken_one(
    stages: Stages, canary: Canary
) -> None:
    await release(stages, canary)


@pytest.mark.timeout(400)
async def test_every_broken_build_is_caught(stages: Stages) -> None:
    for canary in FLOCK:
        if canary.name not in _caught:  # this test was chosen alone
            await release(stages, canary)
    print("\ncanary | caught by | findings")
    for name, (check, found) in _caught.items():
        print(f"{name} | {check} | {', '.join(f'{count} {what}' for what, count in found.items())}")
    builds = {canary.build for canary in FLOCK}
    print(f"{len(builds)} broken builds, all caught")
    assert len(builds) >= 8
