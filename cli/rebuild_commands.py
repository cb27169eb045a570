"""`bitacora rebuild`: folds the whole log anew, beside the live tables, then swaps or compares.

Exit codes: 0 done, 1 failed or the tables differ, 2 wrong usage or settings.
"""

import json
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.ingest.rebuild.rebuilding import LogCutError, Rebuilt
    from services.ingest.rebuild.replay import Report

EXIT_FAILED = 1


def register(app: typer.Typer) -> None:
    """Adds this file's command to the command line."""
    app.command("rebuild")(rebuild_command)


def rebuild_command(
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Swap nothing; say whether the live tables are what the log says."),
    ] = False,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Begin anew, even if an earlier one can be resumed.")
    ] = False,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on although retention has taken the head of the log.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for long readers at the swap.")] = 300.0,
    batch: Annotated[int, typer.Option(min=1, max=50_000, help="Events in one transaction.")] = 2_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Makes the projections anew from the log, while ingest and readers go on; resumes one that was interrupted."""
    from cli.addresses import postgres_dsn
    from services.chassis.settings import ConversationSettings, SettingsError, load
    from services.ingest.processing import rules_of
    from services.ingest.rebuild import rebuilding

    dsn = postgres_dsn()
    try:
        rules = rules_of(load(ConversationSettings))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    options = rebuilding.RebuildOptions(
        batch=batch, wait_seconds=wait, afresh=afresh, accept_loss=accept_loss
    )
    with _progress() as report:
        work = rebuilding.verify if verify else rebuilding.rebuild
        done = _run(work(dsn, rules, options, report))
    if as_json:
        _print_json(done)
    else:
        _print(done)
    if not done.equal:
        raise typer.Exit(EXIT_FAILED)


def _print_json(done: "Rebuilt") -> None:
    import msgspec

    typer.echo(
        json.dumps({**msgspec.to_builtins(done), "events_per_second": round(done.rate), "equal": done.equal})
    )


def _print(done: "Rebuilt") -> None:
    from rich.console import Console
    from rich.table import Table

    if done.tables:
        table = Table("table", "live rows", "rebuilt rows", "")
        for compared in done.tables:
            table.add_row(
                compared.table,
                f"{compared.live_rows:,}",
                f"{compared.rebuilt_rows:,}",
                "equal" if compared.equal else "[red]differs[/red]",
            )
        Console().print(table)
    how = "after resuming, " if done.resumed else ""
    typer.echo(f"{how}{done.events:,} events in {done.seconds:.1f} s, {done.rate:,.0f} events/s")


@contextmanager
def _progress() -> "Iterator[Report]":
    """A bar on a terminal, on standard error so that the output stays clean; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from services.ingest.rebuild.replay import Progress as Position

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=False),
        TextColumn("{task.fields[events]:,} events"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("replaying", total=None, events=0)

        def report(position: Position) -> None:
            bar.update(task, total=position.target, completed=position.done, events=position.events)

        yield report


def _run(work: "Coroutine[None, None, Rebuilt]") -> "Rebuilt":
    from cli.database import run
    from services.ingest.rebuild.rebuilding import LogCutError, RebuildRunsError
    from services.ingest.rebuild.swap import NoSwapError, OutOfDateError

    return run(
        work,
        {
            RebuildRunsError: "another rebuild runs on this database",
            LogCutError: _loss,
            NoSwapError: "long readers were in the way all the time; nothing is lost, run it again to go on from here",
            OutOfDateError: "the database was migrated meanwhile; nothing was swapped, run it again",
            KeyboardInterrupt: "interrupted; run it again to go on from here",
        },
    )


def _loss(error: "LogCutError") -> str:
    return (
        f"retention took the log before {error.before:%Y-%m-%d}: a rebuild would lose {error.conversations:,} "
        "conversations that are older, and what contacts told before; --accept-loss goes on"
    )
