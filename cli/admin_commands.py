"""`bitacora migrate`, `account`, `settings`: what an installation needs before it serves.

Exit codes: 0 done, 1 failed (or, with `--check`, migrations are pending), 2 wrong usage or settings.
"""

import asyncio
import importlib
import json
from collections.abc import Coroutine
from typing import Annotated, TypeVar

import typer

EXIT_FAILED = 1
EXIT_BAD_SETTINGS = 2
PROCESSES = {"ingest": "IngestSettings", "query": "QuerySettings", "export": "ExportSettings"}

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Adds this file's commands to the command line."""
    accounts = typer.Typer(no_args_is_help=True, help="The companies whose conversations these are.")
    accounts.command("create")(create_account_command)
    accounts.command("list")(list_accounts_command)
    settings = typer.Typer(no_args_is_help=True, help="Settings of the processes.")
    settings.command("check")(check_settings_command)
    app.command("migrate")(migrate_command)
    app.add_typer(accounts, name="account")
    app.add_typer(settings, name="settings")


def migrate_command(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when any is pending.")] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait for database and locks.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Brings the database to the shape this version expects."""
    from cli.addresses import postgres_dsn
    from services.chassis.migrations import pending

    dsn = postgres_dsn()
    names = _run(pending(dsn) if check else migrate_when_reachable(dsn, wait))
    word = "pending" if check else "applied"
    if as_json:
        typer.echo(json.dumps({word: names}))
    else:
        typer.echo("\n".join(f"{word} {name}" for name in names) or "the database is up to date")
    if check and names:
        raise typer.Exit(EXIT_FAILED)


async def migrate_when_reachable(dsn: str, wait_seconds: float) -> list[str]:
    """Like `migrate`, but a database that is still starting is waited for."""
    import asyncpg

    from services.chassis.migrations import migrate

    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    while True:
        try:
            return await migrate(dsn, wait_seconds=wait_seconds)
        except (ConnectionRefusedError, asyncpg.CannotConnectNowError):
            if loop.time() >= deadline:
                raise
        await asyncio.sleep(0.5)


def create_account_command(
    account: Annotated[str, typer.Argument(metavar="ID", help="What events carry as accountid.")],
    name: Annotated[str | None, typer.Option(help="How people call it (default: the id).")] = None,
    timezone: Annotated[str, typer.Option(help="IANA zone of its pages and files.")] = "America/Sao_Paulo",
    as_json: AsJson = False,
) -> None:
    """Creates an account; one that exists is left as it is."""
    from zoneinfo import available_timezones

    import msgspec
    from bitacora_schemas.events.envelope import is_slug

    from cli.accounts import create_account
    from cli.addresses import postgres_dsn

    if not is_slug(account):
        raise typer.BadParameter("an account id has 1 to 64 of a-z, 0-9 and -", param_hint="ID")
    if timezone not in available_timezones():
        raise typer.BadParameter(f"{timezone} is not an IANA time zone", param_hint="--timezone")
    made, found = _run(create_account(postgres_dsn(), account, name or account, timezone))
    if as_json:
        typer.echo(json.dumps({**msgspec.to_builtins(found), "created": made}))
    else:
        typer.echo(f"{'created' if made else 'already there:'} {found.id} ({found.name})")


def list_accounts_command(as_json: AsJson = False) -> None:
    """Lists the accounts."""
    import msgspec
    from rich.console import Console
    from rich.table import Table

    from cli.accounts import list_accounts
    from cli.addresses import postgres_dsn

    found = _run(list_accounts(postgres_dsn()))
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(found)))
        return
    table = Table("id", "name", "time zone", "created")
    for account in found:
        table.add_row(account.id, account.name, account.timezone, f"{account.created_at:%Y-%m-%d %H:%M} UTC")
    Console().print(table)


def check_settings_command(
    process: Annotated[str, typer.Argument(help=f"One of {', '.join(PROCESSES)}.")],
    as_json: AsJson = False,
) -> None:
    """Reads the environment as a process would; shows its settings, with secrets hidden."""
    from services.chassis.settings import BitacoraSettings, SettingsError, load

    if process not in PROCESSES:
        raise typer.BadParameter(f"must be one of {', '.join(PROCESSES)}")
    module = importlib.import_module(f"services.{process}.settings")
    settings_class: type[BitacoraSettings] = getattr(module, PROCESSES[process])
    try:
        settings = load(settings_class)
    except SettingsError as error:
        typer.echo(json.dumps({"problems": error.problems}) if as_json else str(error), err=not as_json)
        raise typer.Exit(EXIT_BAD_SETTINGS) from None
    shown = settings.model_dump(mode="json")
    if as_json:
        typer.echo(json.dumps(shown))
    else:
        typer.echo("\n".join(f"{name} = {value}" for name, value in shown.items()))


def _run(work: Coroutine[None, None, T]) -> T:
    from cli.database import run
    from services.chassis.migrations import MigrationError

    return run(work, {MigrationError: str})
