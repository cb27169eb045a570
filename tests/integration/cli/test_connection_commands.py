"""`bitacora connection`: what is set, what stays, what is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import build_app
from services.chassis.postgres import connect
from tests.support.ingest import add_account
from tests.support.stack import run_blocking


@pytest.fixture(autouse=True)
def folder_without_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack of the developer's own is found by accident."""
    monkeypatch.chdir(tmp_path)


def bitacora(*arguments: str, dsn: str) -> Result:
    return CliRunner().invoke(build_app(), ("connection", *arguments), env={"BITACORA_POSTGRES_DSN": dsn})


def told(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def test_what_is_not_given_stays_as_it_was(database: str) -> None:
    run_blocking(add_account(database))
    made = bitacora(
        "set", "acme", "wa-1", "--idle-timeout", "600", "--chatbot", "orders", "--environment", "testing",
        "--json", dsn=database,
    )  # fmt: skip
    first = {
        "id": "wa-1", "kind": "canonical", "chatbot": "orders", "environment": "testing",
        "idle_timeout_seconds": 600, "prelude_window_seconds": None,
    }  # fmt: skip
    assert told(made) == [first]
    changed = bitacora("set", "acme", "wa-1", "--prelude-window", "60", "--json", dsn=database)
    assert told(changed) == [{**first, "prelude_window_seconds": 60}]
    back = bitacora("set", "acme", "wa-1", "--idle-timeout", "default", "--json", dsn=database)
    assert told(back) == [{**first, "prelude_window_seconds": 60, "idle_timeout_seconds": None}]
    assert told(bitacora("list", "acme", "--json", dsn=database)) == told(back)
    assert "prelude_window_seconds=60" in bitacora("list", "acme", dsn=database).stdout
    assert run_blocking(_figures(database)) == (1, 3)


def test_what_cannot_be_meant_is_refused(database: str) -> None:
    run_blocking(add_account(database))
    assert bitacora("set", "acme", "WA", dsn=database).exit_code == 2
    assert bitacora("set", "acme", "wa-1", "--idle-timeout", "-3", dsn=database).exit_code == 2
    assert bitacora("set", "acme", "wa-1", "--prelude-window", "soon", dsn=database).exit_code == 2
    unknown = bitacora("set", "nobody", "wa-1", dsn=database)
    assert unknown.exit_code == 1
    assert "account list" in unknown.stderr


async def _figures(dsn: str) -> tuple[int, int]:
    """Windows noted and changes audited."""
    conn = await connect(dsn, application_name="test")
    try:
        return (
            await conn.fetchval("SELECT count(*) FROM ops.prelude_window"),
            await conn.fetchval("SELECT count(*) FROM ops.audit_entry WHERE action = 'connection.set'"),
        )
    finally:
        await conn.close()
