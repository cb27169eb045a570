"""`python -m services.export`: jobs to files. Exit codes are those of `services/chassis/lifecycle.py`."""

import asyncio
import sys
from datetime import timedelta
from functools import partial

import asyncpg
import structlog

from services.chassis.blobs import FolderStore
from services.chassis.health import HealthServer, Readiness
from services.chassis.lifecycle import Shutdown, run_process
from services.chassis.postgres import connect, is_transient
from services.chassis.waiting import wait_for_database
from services.export.glyphs import drawable, find_fonts
from services.export.jobs import CHANNEL, Jobs
from services.export.rendering import render
from services.export.settings import ExportSettings
from services.export.sweeper import sweep
from services.export.tools import Tools, Typesetting
from services.export.worker import DATABASE, Worker

log = structlog.get_logger(__name__)

WAIT_SECONDS = 2.0


async def main(settings: ExportSettings, shutdown: Shutdown) -> None:
    """Runs until asked to stop."""
    readiness = Readiness(DATABASE)
    worker: Worker | None = None

    def why_dead() -> str | None:
        return None if worker is None else worker.why_stuck()

    async with HealthServer(
        settings.export_health_port, readiness, host=settings.health_host, alive=why_dead
    ):
        typesetting = await asyncio.to_thread(_typesetting, settings)
        pool = await shutdown.unless_requested(
            wait_for_database(
                settings.postgres_dsn.get_secret_value(),
                readiness,
                DATABASE,
                application_name="bitacora-export",
                max_size=settings.export_concurrency * 2 + 4,
            )
        )
        if pool is None:
            return
        store = FolderStore(settings.store_root)
        jobs = Jobs(
            pool,
            lease_seconds=settings.export_lease_seconds,
            running_per_account=settings.export_running_per_account,
        )
        tools = Tools(pool, store, typesetting, settings.export_public_url or "")
        worker = Worker(jobs, partial(render, tools), store, settings, readiness)
        try:
            async with asyncio.TaskGroup() as group:
                behind = [
                    group.create_task(_listen(settings, worker, shutdown)),
                    group.create_task(_sweep_for_ever(jobs, store, settings, shutdown)),
                ]
                await worker.run(shutdown)
                for task in behind:
                    task.cancel()
        finally:
            pool.terminate()


def _typesetting(settings: ExportSettings) -> Typesetting:
    fonts = find_fonts(settings.export_font_dirs)
    return Typesetting(
        fonts=fonts,
        known=drawable(fonts),
        seconds=settings.export_pdf_seconds,
        memory_mb=settings.export_pdf_memory_mb,
        messages_per_part=settings.export_messages_per_part,
    )


async def _listen(settings: ExportSettings, worker: Worker, shutdown: Shutdown) -> None:
    """Wakes the worker when a job is added. It polls regardless, so a lost connection only costs time."""

    def notified(*_: object) -> None:
        worker.wake()

    while not shutdown.requested.is_set():
        try:
            conn = await connect(
                settings.postgres_dsn.get_secret_value(), application_name="bitacora-export-listen"
            )
        except (asyncpg.PostgresError, OSError, TimeoutError):
            await shutdown.sleep(WAIT_SECONDS)
            continue
        try:
            await conn.add_listener(CHANNEL, notified)
            while not conn.is_closed() and await shutdown.sleep(WAIT_SECONDS):
                pass
        finally:
            conn.terminate()


async def _sweep_for_ever(
    jobs: Jobs, store: FolderStore, settings: ExportSettings, shutdown: Shutdown
) -> None:
    while True:
        try:
            await sweep(jobs, store, orphan_age=timedelta(hours=settings.export_orphan_hours))
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("sweep_put_off", error=type(error).__name__)
        if not await shutdown.sleep(settings.export_sweep_seconds):
            return


if __name__ == "__main__":
    sys.exit(run_process(ExportSettings, main, service="export"))
