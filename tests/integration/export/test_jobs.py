"""The life of a job on a real database: claims, leases, fences, retries, cancelling, expiry."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from services.chassis.lifecycle import Shutdown
from services.export.job import Job
from services.export.outcome import Empty, PermanentFailure, Rendered, TransientFailure
from services.export.stored_files import object_key
from services.export.sweeper import sweep
from tests.integration.export.conftest import Office

CSV = {"filter": {}, "profile": "data"}
KEEP = timedelta(days=7)


async def claimed(office: Office, *, lease: float = 60) -> Job | None:
    return await office.jobs(lease=lease).claim()


async def stored(office: Office, job: Job) -> Rendered:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"ok"

    key = object_key(job, "csv")
    blob = await office.store.put(key, chunks())
    return Rendered(
        object_key=key, file_name="a.csv", media_type="text/csv", bytes=2, rows=1, sha256=blob.sha256 or "", manifest={}
    )  # fmt: skip


async def test_two_workers_never_claim_one_job(office: Office) -> None:
    await office.ask("csv", CSV)
    taken = await asyncio.gather(*(claimed(office) for _ in range(6)))
    assert len([job for job in taken if job]) == 1


async def test_an_account_runs_no_more_jobs_than_its_limit(office: Office) -> None:
    for _ in range(4):
        await office.ask("csv", CSV)
    taken = await asyncio.gather(*(claimed(office) for _ in range(4)))
    assert len([job for job in taken if job]) == 2


async def test_a_frozen_worker_that_wakes_up_changes_nothing(office: Office) -> None:
    export_id = await office.ask("csv", CSV)
    zombie = await claimed(office, lease=0.1)
    assert zombie is not None
    await asyncio.sleep(0.2)
    heir = await claimed(office)
    assert heir is not None
    assert heir.attempt == zombie.attempt + 1
    jobs = office.jobs()
    assert await jobs.beat(zombie, 5) == "lost"
    assert await jobs.publish(zombie, await stored(office, zombie), keep=KEEP) == "lost"
    assert not await jobs.fail(zombie, "internal")
    result = await stored(office, heir)
    assert await jobs.publish(heir, result, keep=KEEP) == "held"
    assert await jobs.publish(heir, result, keep=KEEP) == "held", "safe to repeat when the answer was lost"
    assert (await office.job(export_id))["object_key"].endswith("/2.csv")
    published = await office.pool.fetchval(
        'SELECT count(*) FROM log.outbox WHERE payload LIKE \'%"state":"succeeded"%\''
    )
    assert published == 1


async def test_a_passing_fault_is_tried_again_and_a_lasting_one_is_not(office: Office) -> None:
    faults: list[Exception] = [TransientFailure("store_unavailable"), PermanentFailure("not_found")]

    async def faulty(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
        raise faults[job.attempt - 1]

    export_id = await office.ask("csv", CSV)
    worker = office.worker(faulty)
    await worker.run_one()
    job = await office.job(export_id)
    assert (job["state"], job["error_code"]) == ("queued", "store_unavailable")
    assert not await worker.run_one(), "the pause holds it back"
    await office.pool.execute("UPDATE ops.export_job SET due_at = now()")
    await worker.run_one()
    job = await office.job(export_id)
    assert (job["state"], job["error_code"], job["attempt"]) == ("failed", "not_found", 2)


async def test_a_job_that_kills_its_workers_ends(office: Office) -> None:
    export_id = await office.ask("csv", CSV)
    for _ in range(5):
        assert await claimed(office, lease=0.05)
        await asyncio.sleep(0.1)
    assert await claimed(office) is None
    await office.jobs().settle()
    job = await office.job(export_id)
    assert (job["state"], job["error_code"]) == ("failed", "worker_lost")


async def test_a_running_job_is_cancelled_within_a_heartbeat(office: Office) -> None:
    began = asyncio.Event()

    async def endless(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
        began.set()
        await asyncio.sleep(60)
        raise AssertionError

    export_id = await office.ask("csv", CSV)
    work = asyncio.create_task(office.worker(endless).run_one())
    await asyncio.wait_for(began.wait(), 5)
    await office.pool.execute("UPDATE ops.export_job SET cancel_requested = true")
    await asyncio.wait_for(work, 5)
    assert (await office.job(export_id))["state"] == "cancelled"


async def test_a_worker_that_is_asked_to_stop_gives_its_job_back(office: Office) -> None:
    began = asyncio.Event()

    async def endless(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
        began.set()
        await asyncio.sleep(60)
        raise AssertionError

    export_id = await office.ask("csv", CSV)
    shutdown = Shutdown()
    running = asyncio.create_task(office.worker(endless).run(shutdown))
    await asyncio.wait_for(began.wait(), 5)
    shutdown.request()
    await asyncio.wait_for(running, 5)
    job = await office.job(export_id)
    assert (job["state"], job["attempt"], job["error_code"]) == ("queued", 1, None)
    assert await office.worker().run_one()
    assert (await office.job(export_id))["state"] == "succeeded"


async def test_expired_and_ownerless_files_are_removed_and_nothing_else(office: Office) -> None:
    kept, expired = await office.ask("csv", CSV), await office.ask("csv", CSV)
    worker = office.worker()
    while await worker.run_one():
        pass
    await office.pool.execute("UPDATE ops.export_job SET expires_at = now() WHERE export_id = $1", expired)
    await office.ask("csv", CSV)
    lost = await claimed(office)
    assert lost is not None
    await stored(office, lost)
    await sweep(office.jobs(), office.store, orphan_age=timedelta(0))
    assert [blob.key async for blob in office.store.list()] == [(await office.job(kept))["object_key"]]
    assert (await office.job(expired))["state"] == "expired"
