"""`bitacora up`, `status`, `env`, `doctor`: the stack of this folder.

Exit codes: 0 done, 1 failed or something is wrong, 2 wrong usage or settings, 3 no stack runs here,
130 interrupted while starting.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.up import UpOptions
    from embedded.state import StackState

EXIT_FAILED = 1
EXIT_BAD_SETTINGS = 2
EXIT_NOT_RUNNING = 3
EXIT_INTERRUPTED = 130

Folder = Annotated[
    Path,
    typer.Option("--home", envvar="BITACORA_EMBEDDED_HOME", help="Folder that the stack keeps its data in."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
USUAL_HOME = Path(".bitacora")


def register(app: typer.Typer) -> None:
    """Adds this file's commands to the command line."""
    app.command("up")(up_command)
    app.command("status")(status_command)
    app.command("env")(env_command)
    app.command("doctor")(doctor_command)


def up_command(
    demo: Annotated[bool, typer.Option("--demo", help="With demo traffic and an account for it.")] = False,
    ephemeral: Annotated[bool, typer.Option("--ephemeral", help="Keep nothing after the stop.")] = False,
    port: Annotated[
        int | None,
        typer.Option(envvar="BITACORA_QUERY_PORT", help="Port of the pages (default: 8080 or a free one)."),
    ] = None,
    home: Folder = USUAL_HOME,
) -> None:
    """Starts Kafka, PostgreSQL and all services; Ctrl-C stops them.

    BITACORA_KAFKA_BOOTSTRAP and BITACORA_POSTGRES_DSN name servers of yours to use instead.
    """
    from cli.up import UpOptions
    from embedded.errors import DiskFullError, EmbeddedError, is_disk_full
    from services.chassis.migrations import MigrationError

    options = UpOptions(
        home=home,
        demo=demo,
        ephemeral=ephemeral,
        port=port,
        kafka_bootstrap=os.environ.get("BITACORA_KAFKA_BOOTSTRAP") or None,
        postgres_dsn=_outside_postgres(),
    )
    try:
        asyncio.run(_up(options))
    except (EmbeddedError, MigrationError) as error:
        typer.echo(f"\n{error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    except OSError as error:
        if not is_disk_full(error):
            raise
        typer.echo(f"\n{DiskFullError(home)}", err=True)
        raise typer.Exit(EXIT_FAILED) from None


async def _up(options: UpOptions) -> None:
    """Ends the process at once when interrupted: a download in a thread must not be waited for, it resumes."""
    from cli.up import Interrupted, Up
    from embedded.install import progress_for_people

    interrupted = False
    with progress_for_people() as progress:
        try:
            await Up(options, progress).run()
        except Interrupted:
            interrupted = True
    if interrupted:
        sys.stdout.flush()
        os._exit(EXIT_INTERRUPTED)


def status_command(home: Folder = USUAL_HOME, as_json: AsJson = False) -> None:
    """Shows what runs here and whether it is ready; ends with 1 when something is not."""
    import msgspec

    from cli.stack_view import look_at

    state = _running_state(home)
    views = asyncio.run(look_at(state))
    healthy = state.state == "running" and all(
        view.alive and view.ready is not False for view in views.values()
    )
    if as_json:
        shown = {"state": state.state, "base_url": state.base_url, "healthy": healthy}
        typer.echo(json.dumps({**shown, "processes": msgspec.to_builtins(views)}))
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table("process", "pid", "state", "memory", title=f"{state.state} at {state.base_url}")
        for name, view in views.items():
            words = view.reason or ("ready" if view.ready else "running")
            table.add_row(name, str(view.pid), words, f"{view.memory_mb or 0:.0f} MB")
        Console().print(table)
    if not healthy:
        raise typer.Exit(EXIT_FAILED)


def env_command(home: Folder = USUAL_HOME, as_json: AsJson = False) -> None:
    """Prints how to connect to the running stack: for `eval "$(bitacora env)"`, or as JSON."""
    from cli.first_steps import valid_setup_token
    from cli.stack_view import as_env
    from embedded.home import Home

    state = _running_state(home)
    token = None
    if state.state == "running" and state.postgres_dsn:
        token = asyncio.run(valid_setup_token(state.postgres_dsn, Home.of(home).setup_token))
    if as_json:
        typer.echo(json.dumps(as_env(state, token)))
        return
    for variable, value in (
        ("BITACORA_KAFKA_BOOTSTRAP", state.kafka_bootstrap),
        ("BITACORA_POSTGRES_DSN", state.postgres_dsn),
    ):
        typer.echo(f"export {variable}={shlex.quote(value or '')}")
    typer.echo(f"# pages: {state.base_url}")
    if token:
        typer.echo(f"# set-up token: {token}")


def doctor_command(home: Folder = USUAL_HOME, as_json: AsJson = False) -> None:
    """Checks this machine, its stack, the settings, Kafka and PostgreSQL; says what to do. Ends with 1 when one is bad.

    It looks at what BITACORA_POSTGRES_DSN and BITACORA_KAFKA_BOOTSTRAP name, else at the stack of this folder.
    """
    import msgspec

    from cli.doctor import examine

    findings = asyncio.run(examine(home))
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(findings)))
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.found}")
            if finding.advice:
                typer.echo(f"     {finding.advice}")
            if finding.runbook:
                typer.echo(f"     {finding.runbook}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(EXIT_FAILED)


def _running_state(home: Path) -> StackState:
    """The state of the stack in `home`; ends the command with 3 when none runs there."""
    from embedded.home import Home
    from embedded.state import read_state

    state = read_state(Home.of(home).state)
    if state is None or state.state == "stopped":
        typer.echo(f"No stack runs in {home}. Start one with `bitacora up`.", err=True)
        raise typer.Exit(EXIT_NOT_RUNNING)
    return state


def _outside_postgres() -> str | None:
    """The address of a database that is not ours to run; ends the command with 2 when it is not usable."""
    from services.chassis.settings import PostgresSettings, SettingsError, load

    if not any(os.environ.get(name) for name in ("BITACORA_POSTGRES_DSN", "BITACORA_POSTGRES_DSN_FILE")):
        return None
    try:
        return load(PostgresSettings).postgres_dsn.get_secret_value()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_BAD_SETTINGS) from None
