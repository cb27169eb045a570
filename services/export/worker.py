"""Claims jobs, runs each beside its heartbeat, and settles what became of it."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from services.chassis.blobs import BlobStore
from services.chassis.health import Readiness
from services.chassis.lifecycle import Shutdown
from services.chassis.postgres import is_transient, with_retries
from services.export import metrics
from services.export.job import Job
from services.export.jobs import Jobs
from services.export.outcome import Empty, PermanentFailure, Rendered, Retry, after_failure
from services.export.settings import ExportSettings
from services.export.tools import OnProgress

log = structlog.get_logger(__name__)

DATABASE = "database"


DATABASE_SECONDS = 10.0
"""A claim that takes longer is given up; the database is then taken for unreachable."""
TURN_LIMIT_SECONDS = 60.0
"""A loop that has not come round for so long is stuck, and its process is better started anew."""

Render = Callable[[Job, OnProgress], Awaitable[Rendered | Empty]]
"""Makes the file of a job, telling how far it is, and stores it; may be cancelled at any time."""


class _LeaseLostError(Exception):
    """Another worker has the job."""


class _CancelAskedError(Exception):
    """Somebody asked for the job to be cancelled."""


class Worker:
    """Runs up to `export_concurrency` jobs at once."""

    def __init__(
        self,
        jobs: Jobs,
        render: Render,
        store: BlobStore,
        settings: ExportSettings,
        readiness: Readiness,
    ) -> None:
        self._jobs = jobs
        self._render = render
        self._store = store
        self._settings = settings
        self._readiness = readiness
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._fault: BaseException | None = None
        self._turned = time.monotonic()

    def why_stuck(self) -> str | None:
        """Why the process should be started anew, None while the loop turns."""
        silent = time.monotonic() - self._turned
        limit = TURN_LIMIT_SECONDS + self._settings.export_poll_seconds
        return None if silent < limit else f"no turn for {silent:.0f} s"

    def wake(self) -> None:
        """There may be work now."""
        self._wake.set()

    async def run(self, shutdown: Shutdown) -> None:
        """Works until asked to stop; then gives unfinished jobs back for others to claim at once.

        A fault of ours outside a job's rendering ends the run: it is raised, and leases run out by themselves.
        """
        stopping = asyncio.create_task(shutdown.wait())
        try:
            while not shutdown.requested.is_set():
                self._turned = time.monotonic()
                self._wake.clear()
                await self._claim_all()
                await self._sleep(stopping)
                if self._fault is not None:
                    raise self._fault
        finally:
            stopping.cancel()
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def run_one(self) -> bool:
        """Claims and finishes one job; whether there was one. For tests and one-shot use."""
        job = await self._jobs.claim()
        if job is not None:
            await self._work(job)
        return job is not None

    async def _claim_all(self) -> None:
        """Fills the free places."""
        while len(self._running) < self._settings.export_concurrency:
            try:
                async with asyncio.timeout(DATABASE_SECONDS):
                    job = await self._jobs.claim()
            except Exception as error:
                if not is_transient(error):
                    raise
                self._readiness.down(DATABASE, type(error).__name__)
                return
            self._readiness.up(DATABASE)
            if job is None:
                return
            task = asyncio.create_task(self._work(job), name=f"export {job.export_id}")
            self._running.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._fault = fault
        metrics.RUNNING.set(len(self._running))
        self._wake.set()

    async def _sleep(self, stopping: asyncio.Task[None]) -> None:
        waking = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait(
                {waking, stopping},
                timeout=self._settings.export_poll_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waking.cancel()

    async def _work(self, job: Job) -> None:
        metrics.RUNNING.set(len(self._running))
        began = time.monotonic()
        outcome = "lost"
        try:
            outcome = await self._attempt(job)
        except asyncio.CancelledError:
            outcome = "given_back"
            # Asked to stop: somebody else may claim it at once; our attempt's file has no owner and is swept.
            await asyncio.shield(self._jobs.requeue(job, pause=timedelta(0), code=None))
            raise
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("export_not_settled", export_id=str(job.export_id), error=type(error).__name__)
        finally:
            metrics.JOBS.labels(job.format, outcome).inc()
            metrics.JOB_SECONDS.labels(job.format).observe(time.monotonic() - began)
            log.info(
                "export_attempt_ended", export_id=str(job.export_id), attempt=job.attempt, outcome=outcome
            )

    async def _attempt(self, job: Job) -> str:
        """One attempt, to its settled outcome."""
        limit = asyncio.timeout(self._settings.export_timeout_seconds)
        try:
            async with limit:
                result = await self._render_with_heartbeat(job)
        except _LeaseLostError:
            metrics.LEASES_LOST.inc()
            return "lease_lost"
        except _CancelAskedError:
            await self._jobs.cancel(job)
            return "cancelled"
        except Exception as error:  # noqa: BLE001  the outermost loop of a job: its fault must not end others
            fault = PermanentFailure("timeout") if limit.expired() else error
            return await self._settle_failure(job, fault)
        return await self._publish(job, result)

    async def _publish(self, job: Job, result: Rendered | Empty) -> str:
        """Makes a finished file the job's result; one that came too late is removed at once."""
        keep = timedelta(hours=self._settings.export_expiry_hours)
        fate = await with_retries(lambda: self._jobs.publish(job, result, keep=keep))
        if fate == "held":
            if isinstance(result, Empty):
                return "empty"
            metrics.BYTES.labels(job.format).inc(result.bytes)
            return "succeeded"
        if isinstance(result, Rendered):
            await self._store.delete(result.object_key)
        if fate == "cancel":
            await self._jobs.cancel(job)
            return "cancelled"
        metrics.LEASES_LOST.inc()
        return "lease_lost"

    async def _render_with_heartbeat(self, job: Job) -> Rendered | Empty:
        progress: int | None = None

        def on_progress(rows: int) -> None:
            nonlocal progress
            progress = rows

        async def rendering() -> Rendered | Empty:
            return await self._render(job, on_progress)

        work = asyncio.create_task(rendering(), name=f"render {job.export_id}")
        lease_until = time.monotonic() + self._settings.export_lease_seconds
        try:
            while True:
                done, _ = await asyncio.wait({work}, timeout=self._settings.export_heartbeat_seconds)
                if done:
                    return work.result()
                try:
                    async with asyncio.timeout(self._settings.export_heartbeat_seconds):
                        fate = await self._jobs.beat(job, progress)
                except Exception as error:
                    if not is_transient(error) or time.monotonic() > lease_until:
                        raise
                    continue
                if fate == "lost":
                    raise _LeaseLostError
                if fate == "cancel":
                    raise _CancelAskedError
                lease_until = time.monotonic() + self._settings.export_lease_seconds
        finally:
            work.cancel()
            await asyncio.wait({work})

    async def _settle_failure(self, job: Job, error: BaseException) -> str:
        decision = after_failure(error, attempt=job.attempt, chance=random.random())  # noqa: S311  spreads retries
        if isinstance(decision, Retry):
            log.warning(
                "export_retried", export_id=str(job.export_id), attempt=job.attempt, code=decision.code
            )
            await self._jobs.requeue(job, pause=decision.pause, code=decision.code)
            return "retried"
        log.error(
            "export_failed",
            export_id=str(job.export_id),
            attempt=job.attempt,
            code=decision.code,
            exc_info=error if decision.code == "internal" else None,
        )
        await self._jobs.fail(job, decision.code)
        return "failed"
