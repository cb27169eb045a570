"""Waits until the database can be used: a process that starts before it, or with a wrong address, says so and stays."""

import asyncio

import structlog

from services.chassis.connection_faults import SIGN_IN_ERRORS, name_fault
from services.chassis.health import Readiness
from services.chassis.migrations import MigrationError, require_current
from services.chassis.postgres import DATABASE_ERRORS, Pool, create_pool, is_transient

WAIT_SECONDS = 2.0

log = structlog.get_logger(__name__)


async def wait_for_database(
    dsn: str,
    readiness: Readiness,
    flag: str,
    *,
    application_name: str,
    max_size: int,
    statement_timeout_ms: int | None = None,
) -> Pool:
    """A pool, once the database answers, lets us in and is migrated; until then `flag` is down with the reason.

    Never ends by itself; cancel it. A refused sign-in or certificate is waited out too: it is mended outside, and a
    process that ended would only be started again. Raises what neither passes nor is mended.
    """
    while True:
        pool: Pool | None = None
        try:
            pool = await create_pool(
                dsn,
                application_name=application_name,
                max_size=max_size,
                statement_timeout_ms=statement_timeout_ms,
            )
            async with pool.acquire() as conn:
                await require_current(conn)
        except MigrationError as error:
            log.error("database_not_migrated", problem=str(error))  # noqa: TRY400  the stack says nothing more
            readiness.down(flag, str(error))
        except DATABASE_ERRORS as error:
            if not (is_transient(error) or isinstance(error, SIGN_IN_ERRORS)):
                raise
            why = name_fault(error)
            log.warning("database_not_there", error=type(error).__name__, problem=why)
            readiness.down(flag, why)
        else:
            readiness.up(flag)
            return pool
        if pool is not None:
            pool.terminate()
        await asyncio.sleep(WAIT_SECONDS)
