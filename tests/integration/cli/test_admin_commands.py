import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import build_app


@pytest.fixture(autouse=True)
def folder_without_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack of the developer's own is found by accident."""
    monkeypatch.chdir(tmp_path)


def bitacora(*arguments: str, dsn: str | None = None) -> Result:
    return CliRunner().invoke(build_app(), arguments, env={"BITACORA_POSTGRES_DSN": dsn or ""})


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_new_database_is_migrated_once(empty_database: str) -> None:
    assert bitacora("migrate", "--check", dsn=empty_database).exit_code == 1
    assert printed(bitacora("migrate", "--json", dsn=empty_database))["applied"][0] == "0001_foundation"
    assert printed(bitacora("migrate", "--json", dsn=empty_database)) == {"applied": []}
    assert bitacora("migrate", "--check", dsn=empty_database).exit_code == 0


def test_an_account_is_created_once_and_listed(database: str) -> None:
    first = printed(bitacora("account", "create", "acme", "--name", "Acme S.A.", "--json", dsn=database))
    again = printed(bitacora("account", "create", "acme", "--name", "Other", "--json", dsn=database))
    assert (first["created"], again["created"]) == (True, False)
    (listed,) = printed(bitacora("account", "list", "--json", dsn=database))
    assert (listed["id"], listed["name"], listed["timezone"]) == ("acme", "Acme S.A.", "America/Sao_Paulo")
    assert "Acme S.A." in bitacora("account", "list", dsn=database).stdout


@pytest.mark.parametrize("arguments", [("Acme",), ("a" * 65,), ("acme", "--timezone", "Mars/Olympus")])
def test_an_account_that_events_could_not_name_is_refused(database: str, arguments: tuple[str, ...]) -> None:
    assert bitacora("account", "create", *arguments, dsn=database).exit_code == 2
    assert printed(bitacora("account", "list", "--json", dsn=database)) == []


def test_a_database_without_tables_says_what_to_do(empty_database: str) -> None:
    result = bitacora("account", "list", dsn=empty_database)
    assert result.exit_code == 1
    assert "bitacora migrate" in result.stderr


def test_without_an_address_the_command_says_which_variable_to_set() -> None:
    result = bitacora("migrate")
    assert result.exit_code == 2
    assert "BITACORA_POSTGRES_DSN is not set" in result.stderr


def test_a_database_that_never_comes_ends_the_wait() -> None:
    result = bitacora("migrate", "--wait", "0.2", dsn="postgresql://bitacora@127.0.0.1:1/x")
    assert result.exit_code == 1
    assert "cannot use the database" in result.stderr


@pytest.mark.parametrize("process", ["query", "export"])
def test_settings_are_shown_with_secrets_hidden(process: str) -> None:
    shown = printed(bitacora("settings", "check", process, "--json", dsn="postgresql://u:w1ll-not-leak@db/x"))
    assert shown["postgres_dsn"] == "**********"


def test_unusable_settings_are_listed() -> None:
    result = CliRunner().invoke(
        build_app(),
        ["settings", "check", "query"],
        env={"BITACORA_POSTGRES_DSN": "", "BITACORA_QUERY_PORT": "http"},
    )
    assert result.exit_code == 2
    assert "BITACORA_QUERY_PORT" in result.stderr
