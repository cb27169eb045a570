"""A broken build as a real process on real Kafka: kills must bring out what they never bring out of the sound one."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.support import ingest_oracle
from tests.support.faults.directed import INGEST, Scene, make_scene
from tests.support.processes import RunService

BROKEN_INGEST = "tests.support.canaries.ingest"
CANARY = "acknowledge_before_commit"
EVENTS = 3_000
KILLS = {INGEST: 2, BROKEN_INGEST: 8}
"""At most. The sound build is killed far more often in its own drill; here it shows that the count of the lost is right."""
SEED = 20260302


@pytest.fixture
def scene(kafka_bootstrap: str, database: str, tmp_path: Path, run_service: RunService) -> Iterator[Scene]:
    yield from make_scene(kafka_bootstrap, database, str(tmp_path), run_service)


@pytest.fixture
async def conn(database: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(database)
    yield conn
    await conn.close()


@pytest.mark.parametrize("module", [INGEST, BROKEN_INGEST])
async def test_kills_lose_events_only_where_the_checkpoint_is_committed_before_them(
    scene: Scene, conn: asyncpg.Connection, module: str
) -> None:
    chance = random.Random(SEED)
    lost = 0
    for _ in range(KILLS[module]):
        await scene.write(EVENTS)
        worker = scene.run_service(
            module, {**scene.settings, "BITACORA_INGEST_INSTANCE_ID": "the-worker", "CANARY": CANARY}
        )
        scene.workers.append(worker)
        await _moved_on(scene, conn)
        await asyncio.sleep(chance.uniform(0.0, 0.05))
        worker.kill()
        lost = await _lost(scene, conn)
        if lost:
            break
    print(f"{module}: {lost} events lost after {len(scene.workers)} kills")
    assert bool(lost) == (module == BROKEN_INGEST)
    if module == INGEST:
        scene.start(ingest_instance_id="the-worker")
        await scene.caught_up()
        await scene.settled()


async def _moved_on(scene: Scene, conn: asyncpg.Connection) -> None:
    before = await ingest_oracle.positions(conn)

    async def holds() -> bool:
        return await ingest_oracle.positions(conn) != before

    await scene.until(holds, what="a first commit")


async def _lost(scene: Scene, conn: asyncpg.Connection) -> int:
    """Events below the checkpoints that are not in the log, once nobody writes any more. No record here is bad."""

    async def holds() -> bool:
        return not await conn.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    await scene.until(holds, what="the killed worker's connections gone")
    lost: int = await conn.fetchval(
        "SELECT (SELECT sum(next_offset) FROM log.checkpoint)::bigint - (SELECT count(*) FROM log.event_log)"
    )
    return lost
