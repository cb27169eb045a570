"""Starts the query process: `python -m services.query`."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import structlog
from aiohttp import web

from services.chassis.blobs import FolderStore
from services.chassis.clock import utc_now
from services.chassis.connection_faults import name_fault
from services.chassis.health import HealthServer, Readiness
from services.chassis.lifecycle import Shutdown, run_process
from services.chassis.postgres import Pool, is_transient
from services.chassis.waiting import wait_for_database
from services.query.app import create_app
from services.query.auth.links import SETUP_PATH, is_setup_token, issue_setup_token, needs_setup
from services.query.dependencies import Dependencies
from services.query.freshness import FreshnessWatch
from services.query.search_slots import SearchSlots
from services.query.settings import QuerySettings

POSTGRES = "postgres"
_CHECK_SECONDS = 2.0

log = structlog.get_logger(__name__)


async def main(settings: QuerySettings, shutdown: Shutdown) -> None:
    """Serves until asked to stop; open requests may finish."""
    readiness = Readiness(POSTGRES, "http")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            HealthServer(settings.query_health_port, readiness, host=settings.health_host)
        )
        dsn = settings.postgres_dsn.get_secret_value()
        pool = await shutdown.unless_requested(
            wait_for_database(
                dsn, readiness, POSTGRES, application_name="bitacora-query", max_size=settings.query_pool_size
            )
        )
        if pool is None:
            return
        await stack.enter_async_context(pool)
        search_pool = await shutdown.unless_requested(
            wait_for_database(
                dsn,
                readiness,
                POSTGRES,
                application_name="bitacora-search",
                max_size=settings.query_search_pool_size,
                statement_timeout_ms=settings.query_search_timeout_ms,
            )
        )
        if search_pool is None:
            return
        await stack.enter_async_context(search_pool)
        freshness = FreshnessWatch(settings, pool, utc_now)
        app = create_app(
            Dependencies(
                settings=settings,
                pool=pool,
                search_pool=search_pool,
                exports=FolderStore(settings.data_dir / "exports"),
                files=FolderStore(settings.data_dir / "files"),
                freshness=freshness,
                slots=SearchSlots(settings.query_searches_per_user),
            )
        )
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, settings.query_host, settings.query_port, shutdown_timeout=5.0).start()
        log.info("listening", host=settings.query_host, port=runner.addresses[0][1])
        await _announce_setup(settings, pool)
        readiness.up("http")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(freshness.run(shutdown))
            tasks.create_task(_watch_postgres(pool, readiness, shutdown))


async def _watch_postgres(pool: Pool, readiness: Readiness, shutdown: Shutdown) -> None:
    going = True
    while going:
        try:
            async with asyncio.timeout(_CHECK_SECONDS), pool.acquire() as conn:
                await conn.execute("SELECT")
            readiness.up(POSTGRES)
        except Exception as error:
            if not is_transient(error):
                raise
            readiness.down(POSTGRES, name_fault(error))
        going = await shutdown.sleep(_CHECK_SECONDS)


async def _announce_setup(settings: QuerySettings, pool: Pool) -> None:
    """While nobody exists: prints where the first admin is made, past the log (it is a secret).

    A token in the file stays while it is good, so that a restart does not spoil an address already given out.
    """
    file = settings.query_setup_token_file
    async with pool.acquire() as conn:
        if not await needs_setup(conn):
            return
        token = await asyncio.to_thread(_read_token, file) if file is not None else None
        if token is None or not await is_setup_token(conn, token, utc_now()):
            token = await issue_setup_token(conn)
    if token is None:
        return
    base = settings.query_public_url or f"http://{settings.query_host}:{settings.query_port}"
    sys.stdout.write(
        f"Nobody can sign in yet. Make the first admin at {base.rstrip('/')}{SETUP_PATH}?token={token}\n"
    )
    sys.stdout.flush()
    if file is not None:
        await asyncio.to_thread(_write_token, file, token)


def _read_token(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def _write_token(file: Path, token: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(token)


if __name__ == "__main__":
    sys.exit(run_process(QuerySettings, main, service="query"))
