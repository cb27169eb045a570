import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import build_app
from services.chassis.postgres import connect
from tests.support.stack import run_blocking
from tests.support.told import tell_past


@pytest.fixture(autouse=True)
def folder_without_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack of the developer's own is found by accident."""
    monkeypatch.chdir(tmp_path)


def bitacora(*arguments: str, dsn: str) -> Result:
    return CliRunner().invoke(build_app(), arguments, env={"BITACORA_POSTGRES_DSN": dsn})


def test_an_empty_log_is_rebuilt_and_verified(database: str) -> None:
    done = bitacora("rebuild", "--json", dsn=database)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["events"], told["resumed"], told["tables"], told["equal"]) == (0, False, [], True)
    verified = bitacora("rebuild", "--verify", dsn=database)
    assert verified.exit_code == 0, verified.output
    assert "conversation_activity" in verified.stdout
    assert "events/s" in verified.stdout


def test_tables_that_the_log_does_not_account_for_end_a_verification_with_1(database: str) -> None:
    run_blocking(_tell(database))
    verified = bitacora("rebuild", "--verify", "--json", dsn=database)
    assert verified.exit_code == 1
    told = json.loads(verified.stdout)
    assert not told["equal"]
    (messages,) = [table for table in told["tables"] if table["table"] == "message"]
    assert messages["live_rows"] > messages["rebuilt_rows"] == 0


def test_a_database_without_tables_says_what_to_do(empty_database: str) -> None:
    done = bitacora("rebuild", dsn=empty_database)
    assert done.exit_code == 1
    assert "bitacora migrate" in done.stderr


async def _tell(dsn: str) -> None:
    """Rows in the projections without events in the log."""
    conn = await connect(dsn, application_name="test")
    try:
        await tell_past(conn, conversations=3)
    finally:
        await conn.close()
