from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from services.chassis.postgres import Pool, connect, create_pool, is_transient, with_retries

VALUE: dict[str, Any] = {"text": 'acentos: ção 😀 "quoted"', "list": [1, 2.5, None, True], "deep": {"a": {}}}


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """A pool of one connection on a migrated database."""
    pool = await create_pool(database, application_name="bitacora-test", max_size=1, statement_timeout_ms=500)
    yield pool
    await pool.close()


@pytest.mark.parametrize("kind", ["json", "jsonb"])
async def test_json_columns_are_python_values_both_ways(pool: Pool, kind: str) -> None:
    assert await pool.fetchval(f"SELECT $1::{kind}", VALUE) == VALUE
    assert await pool.fetchval(f"SELECT $1::{kind}[]", [VALUE, {}]) == [VALUE, {}]
    assert await pool.fetchval(f"SELECT NULL::{kind}") is None


async def test_copy_takes_json_too(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute("CREATE TEMP TABLE t (a jsonb, b json)")
        await connection.copy_records_to_table("t", records=[(VALUE, VALUE), (None, [])])
        rows = await connection.fetch("SELECT a, b FROM t")
    assert [tuple(row) for row in rows] == [(VALUE, VALUE), (None, [])]


async def test_sessions_speak_utc_and_look_into_the_projection(pool: Pool) -> None:
    shown = {
        name: await pool.fetchval(f"SHOW {name}") for name in ("timezone", "search_path", "application_name")
    }
    assert shown == {
        "timezone": "UTC",
        "search_path": "projection, public",
        "application_name": "bitacora-test",
    }
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert await pool.fetchval("SELECT $1::timestamptz", moment) == moment


async def test_a_session_that_idles_in_a_transaction_is_ended_by_the_server(pool: Pool) -> None:
    assert await pool.fetchval("SHOW idle_in_transaction_session_timeout") == "1min"


async def test_a_statement_over_its_time_is_stopped_and_not_retried(pool: Pool) -> None:
    with pytest.raises(asyncpg.QueryCanceledError) as caught:
        await pool.fetchval("SELECT pg_sleep(5)")
    assert not is_transient(caught.value)


async def test_a_terminated_session_is_transient_and_a_retry_succeeds(pool: Pool, database: str) -> None:
    other = await connect(database, application_name="bitacora-test-2")
    attempts: list[int] = []

    async def read() -> int:
        async with pool.acquire() as connection:
            attempts.append(await connection.fetchval("SELECT pg_backend_pid()"))
            if len(attempts) == 1:
                await other.fetchval("SELECT pg_terminate_backend($1)", attempts[0])
            return int(await connection.fetchval("SELECT 42"))

    try:
        assert await with_retries(read, first_pause=0.01) == 42
        assert len(set(attempts)) == 2
    finally:
        await other.close()


async def test_a_database_that_is_not_there_is_transient_only_when_it_may_come(database: str) -> None:
    with pytest.raises(OSError, match="Connect call failed") as refused:
        await connect("postgresql://bitacora@127.0.0.1:1/x", application_name="bitacora-test")
    assert is_transient(refused.value)
    with pytest.raises(asyncpg.InvalidCatalogNameError) as unknown:
        await connect(database.rpartition("/")[0] + "/absent", application_name="bitacora-test")
    assert not is_transient(unknown.value)
