"""What a worker does with its jobs when things around them change: time, leases, rights, its own faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from services.chassis.blobs import FolderStore
from services.chassis.lifecycle import Shutdown
from services.export.job import Job
from services.export.outcome import Empty, Rendered
from services.export.stored_files import object_key
from services.export.worker import Worker
from tests.integration.export.conftest import Office, until

CSV = {"filter": {}, "profile": "data"}


async def put(store: FolderStore, job: Job) -> Rendered:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"ok"

    key = object_key(job, "csv")
    blob = await store.put(key, chunks())
    return Rendered(
        object_key=key, file_name="a.csv", media_type="text/csv", bytes=2, rows=1, sha256=blob.sha256 or "", manifest={}
    )  # fmt: skip


async def kept(office: Office) -> list[str]:
    return [blob.key async for blob in office.store.list()]


async def test_a_file_that_came_after_the_lease_was_lost_is_removed_and_never_published(
    office: Office,
) -> None:
    async def overtaken(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
        made = await put(office.store, job)
        await office.pool.execute("UPDATE ops.export_job SET lease_until = now() - interval '1 s'")
        assert await office.jobs(lease=60).claim() is not None
        return made

    export_id = await office.ask("csv", CSV)
    await office.worker(overtaken).run_one()
    job = await office.job(export_id)
    assert (job["state"], job["attempt"], job["object_key"]) == ("running", 2, None)
    assert await kept(office) == []


async def test_a_file_that_was_finished_as_somebody_cancelled_is_removed(office: Office) -> None:
    async def cancelled_late(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
        made = await put(office.store, job)
        await office.pool.execute("UPDATE ops.export_job SET cancel_requested = true")
        return made

    export_id = await office.ask("csv", CSV)
    await office.worker(cancelled_late).run_one()
    assert (await office.job(export_id))["state"] == "cancelled"
    assert await kept(office) == []


async def test_a_publication_whose_answer_was_lost_counts_once(office: Office) -> None:
    export_id = await office.ask("csv", CSV)
    jobs = office.jobs(lease=60)
    job = await jobs.claim()
    assert job is not None
    made = await put(office.store, job)
    assert await jobs.publish(job, made, keep=timedelta(days=1)) == "held"
    assert await jobs.publish(job, made, keep=timedelta(days=1)) == "held"
    assert await jobs.publish(replace(job, attempt=9), made, keep=timedelta(days=1)) == "lost"
    payloads = [json.loads(row[0]) for row in await office.pool.fetch("SELECT payload FROM log.outbox")]
    assert [each["data"]["state"] for each in payloads] == ["running", "succeeded"]
    assert {each["data"]["export_id"] for each in payloads} == {str(export_id)}
    assert len({each["id"] for each in payloads}) == 2


async def test_a_job_that_takes_too_long_fails_for_good(office: Office) -> None:
    async def endless(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
        await asyncio.sleep(60)
        raise AssertionError

    office.settings = office.settings.model_copy(update={"export_timeout_seconds": 0.3})
    export_id = await office.ask("csv", CSV)
    await asyncio.wait_for(office.worker(endless).run_one(), 10)
    job = await office.job(export_id)
    assert (job["state"], job["error_code"]) == ("failed", "timeout")


async def test_a_fault_of_one_job_leaves_the_others_alone(office: Office) -> None:
    async def faulty(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
        raise KeyError("a bug")

    broken = await office.ask("csv", CSV)
    await office.worker(faulty).run_one()
    sound = await office.ask("csv", CSV)
    await office.worker().run_one()
    assert (await office.job(broken))["error_code"] == "internal"
    assert (await office.job(sound))["state"] == "succeeded"


async def test_a_fault_of_the_worker_itself_ends_its_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Worker, job: Job) -> str:
        raise KeyError("a bug")

    monkeypatch.setattr(Worker, "_attempt", broken)
    await office.ask("csv", CSV)
    with pytest.raises(KeyError, match="a bug"):
        await asyncio.wait_for(office.worker().run(Shutdown()), 10)


async def test_several_jobs_run_at_once_and_progress_can_be_seen(office: Office) -> None:
    together = asyncio.Barrier(2)

    async def meeting(job: Job, on_progress: Callable[[int], None]) -> Rendered | Empty:
        on_progress(123)
        await asyncio.sleep(0.5)
        rows = await office.pool.fetchval(
            "SELECT progress_rows FROM ops.export_job WHERE export_id = $1", job.export_id
        )
        assert rows == 123
        await together.wait()
        return Empty(manifest={})

    first, second = await office.ask("csv", CSV), await office.ask("csv", CSV)
    shutdown = Shutdown()
    running = asyncio.create_task(office.worker(meeting).run(shutdown))

    async def both_done() -> bool:
        return {(await office.job(each))["state"] for each in (first, second)} == {"empty"}

    await until(both_done)
    shutdown.request()
    await asyncio.wait_for(running, 5)


async def test_a_loop_that_does_not_turn_is_called_stuck(office: Office) -> None:
    worker = office.worker()
    assert worker.why_stuck() is None
    worker._turned -= 120
    assert "no turn" in (worker.why_stuck() or "")


@pytest.mark.parametrize("format_", ["csv", "pdf"])
@pytest.mark.parametrize(
    "withdrawal",
    [
        "UPDATE ops.app_user SET disabled_at = now()",
        "DELETE FROM ops.membership",
        "UPDATE ops.membership SET role = 'operator'",
    ],
)
async def test_a_right_withdrawn_after_the_request_makes_no_file(
    office: Office, format_: str, withdrawal: str
) -> None:
    some = await office.pool.fetchval("SELECT conversation_id::text FROM conversation LIMIT 1")
    export_id = await office.ask(format_, CSV if format_ == "csv" else {"conversation_id": some})
    await office.pool.execute(withdrawal)
    await office.worker().run_one()
    job = await office.job(export_id)
    assert (job["state"], job["error_code"]) == ("failed", "not_permitted")
    assert await kept(office) == []


async def test_a_token_exports_until_it_is_revoked(office: Office) -> None:
    await office.pool.execute(
        "INSERT INTO ops.api_token (account_id, token_hash, role, name, expires_at)"
        " VALUES ($1, 'x', 'operator', 'Tablero', now() + interval '1 day')",
        office.account_id,
    )
    first = await office.ask("csv", CSV, requested_by="token:1", role="operator")
    await office.worker().run_one()
    await office.pool.execute("UPDATE ops.api_token SET revoked_at = now()")
    second = await office.ask("csv", CSV, requested_by="token:1", role="operator")
    await office.worker().run_one()
    assert (await office.job(first))["state"] == "succeeded"
    assert (await office.job(second))["error_code"] == "not_permitted"
