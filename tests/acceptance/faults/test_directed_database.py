"""The database goes back, is emptied, or says nothing of a COMMIT: its rows decide where to go on, not Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from embedded.postgres import EmbeddedPostgres
from tests.support import ingest
from tests.support.faults import directed_database
from tests.support.faults.directed import PATIENCE, Scene, Sending
from tests.support.faults.directed_health import metric
from tests.support.faults.directed_proxy import CommitProxy


async def write(scene: Scene, count: int) -> None:
    """Good events and one that is none."""
    await asyncio.to_thread(scene.send, [*scene.messages(count), Sending.broken(1)])


@asynccontextmanager
async def traffic(scene: Scene) -> AsyncIterator[None]:
    """Events come all the time, a few at once."""
    stopping = asyncio.Event()

    async def send() -> None:
        while not stopping.is_set():
            await write(scene, 20)
            await asyncio.sleep(0.02)

    sending = asyncio.create_task(send())
    try:
        yield
    finally:
        stopping.set()
        await sending


async def kafka_s_commit(scene: Scene) -> dict[int, int]:
    """What Kafka remembers of the group, by partition."""
    group = scene.settings["BITACORA_INGEST_GROUP"]
    found = await asyncio.to_thread(
        scene.admin, lambda client: client.list_group_offsets({group: None})[group]
    )
    return {place.partition: told.offset for place, told in found.items()}


async def lies_behind_kafka(scene: Scene) -> bool:
    rows = await scene.positions()
    commit = await kafka_s_commit(scene)
    return all(rows.get(partition, 0) < offset for partition, offset in commit.items()) and bool(commit)


async def test_a_database_restored_to_an_older_state_is_caught_up_from_its_rows(
    scene: Scene, postgres_server: EmbeddedPostgres
) -> None:
    worker = scene.start()
    await write(scene, 200)
    await scene.caught_up()
    await scene.stop(worker)
    await directed_database.keep_copy(postgres_server, scene.dsn)
    worker.start()
    await write(scene, 400)
    await scene.caught_up()
    await scene.stop(worker)
    await directed_database.restore_copy(postgres_server, scene.dsn)
    assert await lies_behind_kafka(scene)
    await directed_database.keep_copy(postgres_server, scene.dsn)
    worker.start()
    await scene.caught_up()

    # And once more, with its connections torn away and no database of the name for a moment.
    async with traffic(scene):
        await directed_database.restore_copy(postgres_server, scene.dsn)
    ends = {number: log.end for number, log in (await scene.ranges()).items()}

    async def caught_up() -> bool:
        if worker.exit_code() is not None:  # it may end over this, and is started again then
            assert worker.exit_code() == 1, worker.log()[-3_000:]
            worker.start()
        return await scene.positions() == ends

    await scene.until(caught_up, what=f"checkpoints at {ends}")
    await scene.settled()


async def test_a_database_restored_under_a_running_worker_is_caught_up_from_its_rows(
    scene: Scene, postgres_server: EmbeddedPostgres
) -> None:
    worker = scene.start()
    await write(scene, 200)
    await scene.caught_up()
    await directed_database.take_picture(postgres_server, scene.dsn)
    await write(scene, 300)
    await scene.caught_up()
    before = await scene.positions()
    async with traffic(scene):
        await directed_database.restore_picture(postgres_server, scene.dsn)
        await asyncio.sleep(0.5)
    await scene.caught_up()
    assert await metric(worker, "bitacora_ingest_events_total") > sum(before.values()) + 300, (
        "what came after the picture was written a second time"
    )

    await scene.caught_up()
    await directed_database.restore_picture(postgres_server, scene.dsn)  # and once more, with nothing coming
    await scene.caught_up()
    assert worker.exit_code() is None
    await scene.settled()


async def test_an_emptied_database_is_filled_from_the_start_of_the_log(
    scene: Scene, postgres_server: EmbeddedPostgres, migrated_template: str
) -> None:
    worker = scene.start()
    await write(scene, 200)
    await scene.caught_up()
    await scene.stop(worker)
    await directed_database.replace_by_template(postgres_server, scene.dsn, migrated_template)
    await ingest.add_account(scene.dsn)
    assert await lies_behind_kafka(scene)
    worker.start()
    await write(scene, 100)
    await scene.caught_up()

    async with traffic(scene):
        await directed_database.empty(postgres_server, scene.dsn)
    await scene.caught_up()
    await directed_database.empty(postgres_server, scene.dsn)  # and once more, with nothing coming
    await scene.caught_up()
    await scene.settled()


@pytest.fixture
async def proxy(postgres_server: EmbeddedPostgres) -> AsyncIterator[CommitProxy]:
    async with CommitProxy(postgres_server.port) as found:
        yield found


async def through(proxy: CommitProxy, scene: Scene, lose: Callable[[float], Awaitable[bool]]) -> None:
    """Five times in a row a COMMIT of the worker goes wrong, with events coming all the time."""
    async with traffic(scene):
        for _ in range(5):
            assert await lose(PATIENCE)


def by_proxy(scene: Scene, proxy: CommitProxy) -> str:
    head, _, rest = scene.dsn.rpartition("@")
    return f"{head}@127.0.0.1:{proxy.port}/{rest.partition('/')[2]}"


async def test_a_commit_whose_answer_is_lost_is_settled_by_the_checkpoint(
    scene: Scene, proxy: CommitProxy
) -> None:
    worker = scene.start(postgres_dsn=by_proxy(scene, proxy))
    await write(scene, 50)
    await scene.caught_up()
    await through(proxy, scene, proxy.lose_commit_answer)
    await scene.caught_up()
    assert worker.exit_code() is None
    skipped = await metric(worker, 'bitacora_ingest_fence_total{result="skipped"}')
    assert skipped >= 5, "each of these batches was written already when it was tried again"
    assert await metric(worker, 'bitacora_ingest_redo_total{cause="transient"}') >= 5
    await scene.settled()


async def test_a_commit_that_never_arrives_is_written_again(scene: Scene, proxy: CommitProxy) -> None:
    worker = scene.start(postgres_dsn=by_proxy(scene, proxy))
    await write(scene, 50)
    await scene.caught_up()
    await through(proxy, scene, proxy.lose_commit)
    await scene.caught_up()
    assert worker.exit_code() is None
    assert await metric(worker, 'bitacora_ingest_fence_total{result="skipped"}') == 0
    assert await metric(worker, 'bitacora_ingest_redo_total{cause="transient"}') >= 5
    await scene.settled()
