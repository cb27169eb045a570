"""What `bitacora doctor` finds in a PostgreSQL that is well, and in one that is not."""

from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from cli.doctor_postgres import examine_postgres
from cli.findings import Finding
from embedded.postgres import EmbeddedPostgres
from services.chassis.postgres import connect
from services.ingest.upkeep.partitions import make_partitions
from tests.support import ingest

ROOT = Path(__file__).parents[3]


async def look(dsn: str, *, ours: bool = True) -> dict[str, Finding]:
    return {finding.what: finding for finding in await examine_postgres(dsn, ours=ours)}


def bad(findings: dict[str, Finding]) -> set[str]:
    for finding in findings.values():
        if not finding.ok:
            assert finding.advice
            assert finding.runbook is None or (ROOT / finding.runbook).is_file()
    return {name for name, finding in findings.items() if not finding.ok}


@pytest.fixture
async def prepared(database: str) -> str:
    """With an account and the partitions that the leading worker would have made."""
    await ingest.add_account(database)
    conn = await connect(database, application_name="test")
    try:
        await make_partitions(conn)
    finally:
        await conn.close()
    return database


async def execute(dsn: str, sql: str, *values: object) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(sql, *values)
    finally:
        await conn.close()


async def test_a_database_that_is_well_passes_every_check(prepared: str) -> None:
    findings = await look(prepared)
    assert bad(findings) == set()
    assert set(findings) == {
        "PostgreSQL",
        "PostgreSQL's connection",
        "PostgreSQL's durability",
        "PostgreSQL's clock",
        "extensions",
        "migrations",
        "partitions ahead",
        "dead letters",
        "outbox",
        "exports",
    }


async def test_a_database_that_is_not_migrated_is_told_so_and_asked_no_further(empty_database: str) -> None:
    findings = await look(empty_database)
    assert bad(findings) == {"extensions", "migrations"}
    assert findings["migrations"].advice == "bitacora migrate"
    assert "dead letters" not in findings


async def test_missing_partitions_are_named(database: str) -> None:
    findings = await look(database)
    assert bad(findings) == {"partitions ahead"}
    assert f"event_log_{datetime.now(UTC):%Y_%m}" in findings["partitions ahead"].found


async def test_what_waits_for_somebody_is_said_with_numbers(prepared: str) -> None:
    await execute(
        prepared,
        "INSERT INTO log.dead_letter (stream_id, topic_id, position, reason, detail)"
        " SELECT 1, NULL, n, CASE WHEN n < 3 THEN 'not_utf8' ELSE 'not_json' END, '' FROM generate_series(1, 5) AS n",
    )
    await execute(
        prepared,
        "INSERT INTO log.outbox (topic, record_key, payload, created_at) VALUES ('t', 'k', '{}', now() - interval '1 h')",
    )
    await execute(
        prepared,
        "INSERT INTO ops.export_job (account_id, export_id, request_key, requested_by, role, format, spec, state, due_at)"
        " VALUES (1, gen_random_uuid(), 'k', 'user:1', 'admin', 'csv', '{}', 'queued', now() - interval '20 min')",
    )
    findings = await look(prepared)
    assert bad(findings) == {"dead letters", "outbox", "exports"}
    assert findings["dead letters"].found == "5 wait for somebody: 3 not_json, 2 not_utf8"
    assert "3600 s" in findings["outbox"].found
    assert "1200 s" in findings["exports"].found


async def test_a_server_that_may_lose_what_was_committed_is_bad_unless_it_is_ours_for_trying(
    prepared: str,
) -> None:
    assert bad(await look(prepared, ours=False)) == {"PostgreSQL's durability"}


async def test_a_wrong_password_and_an_absent_server_each_have_their_page(
    postgres_server: EmbeddedPostgres,
) -> None:
    wrong = postgres_server.dsn.replace("bitacora:", "bitacora:not-", 1)
    (finding,) = (await look(wrong)).values()
    assert (finding.ok, finding.runbook) == (False, "docs/runbook/sign-in-refused.md")
    assert finding.found.startswith("sign_in_refused")
    (absent,) = (await look("postgresql://somebody:word@127.0.0.1:9/nothing")).values()
    assert (absent.ok, absent.runbook) == (False, "docs/runbook/database-away.md")
    assert absent.found.startswith("connection_refused")
