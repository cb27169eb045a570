"""`bitacora retention`: what would go, and taking it away."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import build_app
from services.chassis.postgres import connect
from services.ingest.upkeep.partitions import make_partitions
from tests.support.stack import run_blocking


@pytest.fixture(autouse=True)
def folder_without_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack of the developer's own is found by accident."""
    monkeypatch.chdir(tmp_path)


def bitacora(*arguments: str, dsn: str, **settings: str) -> Result:
    return CliRunner().invoke(
        build_app(), ("retention", *arguments), env={"BITACORA_POSTGRES_DSN": dsn, **settings}
    )


def test_a_plan_changes_nothing_and_apply_drops_what_it_showed(database: str) -> None:
    run_blocking(_make_old_partitions(database))
    planned = bitacora("plan", "--months", "6", "--json", dsn=database)
    assert planned.exit_code == 0, planned.output
    months = [month["partition"] for month in json.loads(planned.stdout)]
    assert "log.event_log_2020_01" in months
    assert json.loads(bitacora("plan", "--months", "6", "--json", dsn=database).stdout)
    applied = bitacora("apply", "--months", "6", "--yes", dsn=database)
    assert applied.exit_code == 0, applied.output
    assert f"{len(months)} partitions" in applied.stdout
    assert json.loads(bitacora("plan", "--months", "6", "--json", dsn=database).stdout) == []
    assert run_blocking(_actors(database)) == len(months)


def test_apply_asks_first(database: str) -> None:
    run_blocking(_make_old_partitions(database))
    refused = bitacora("apply", "--months", "6", dsn=database)
    assert refused.exit_code == 1
    assert "for good?" in refused.output
    assert json.loads(bitacora("plan", "--months", "6", "--json", dsn=database).stdout)


def test_the_setting_is_the_policy_and_without_one_everything_is_kept(database: str) -> None:
    kept = bitacora("plan", dsn=database)
    assert kept.exit_code == 2
    assert "BITACORA_RETENTION_MONTHS" in kept.stderr
    assert bitacora("plan", dsn=database, BITACORA_RETENTION_MONTHS="24").exit_code == 0
    too_short = bitacora("plan", dsn=database, BITACORA_RETENTION_MONTHS="1")
    assert too_short.exit_code == 2
    assert "at least 2" in too_short.stderr


async def _make_old_partitions(dsn: str) -> None:
    conn = await connect(dsn, application_name="test")
    try:
        await make_partitions(conn, lambda: datetime(2020, 6, 1, tzinfo=UTC))
    finally:
        await conn.close()


async def _actors(dsn: str) -> int:
    conn = await connect(dsn, application_name="test")
    try:
        found: int = await conn.fetchval(
            "SELECT count(*) FROM ops.audit_entry WHERE actor LIKE 'cli%' AND action = 'retention.drop'"
        )
        return found
    finally:
        await conn.close()
