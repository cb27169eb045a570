"""`bitacora retention plan|apply`: which months the policy no longer keeps, and taking them away now.

Exit codes: 0 done, 1 failed, 2 wrong usage or settings.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from services.ingest.upkeep.retention import Month

EXIT_FAILED = 1
EXIT_USAGE = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Months = Annotated[
    int | None,
    typer.Option(
        min=2, help="Whole months to keep beside the present one (default: BITACORA_RETENTION_MONTHS)."
    ),
]


def register(app: typer.Typer) -> None:
    """Adds this file's commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Months of messages and log that are kept no longer.")
    group.command("plan")(plan_command)
    group.command("apply")(apply_command)
    app.add_typer(group, name="retention")


def plan_command(months: Months = None, as_json: AsJson = False) -> None:
    """Says what would go and what holds the rest; changes nothing."""
    _print(_run(_plan(_months(months))), as_json=as_json)


def apply_command(
    months: Months = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Drops what `plan` lets go, for good; ingest and readers go on."""
    keep = _months(months)
    if not yes:
        planned = [month for month in _run(_plan(keep)) if month.held is None]
        typer.confirm(f"Drop {len(planned)} partitions for good?", abort=True)
    _print(_run(_apply(keep)), as_json=as_json)


def _months(given: int | None) -> int:
    from services.chassis.settings import ConversationSettings, SettingsError, load

    if given is not None:
        return given
    try:
        months = load(ConversationSettings).retention_months
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_USAGE) from None
    if not months:
        typer.echo(
            "BITACORA_RETENTION_MONTHS is not set: everything is kept; --months tries a policy", err=True
        )
        raise typer.Exit(EXIT_USAGE)
    return months


async def _plan(months: int) -> list[Month]:
    from cli.addresses import postgres_dsn
    from cli.database import open_connection
    from services.ingest.upkeep.retention import plan

    async with open_connection(postgres_dsn()) as conn:
        return await plan(conn, months)


async def _apply(months: int) -> list[Month]:
    from cli.addresses import postgres_dsn
    from cli.database import open_connection
    from cli.dead_letters import actor
    from services.ingest.upkeep.retention import apply

    async with open_connection(postgres_dsn()) as conn:
        return await apply(conn, months, actor=actor())


def _print(months: Sequence[Month], *, as_json: bool) -> None:
    import msgspec

    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(months)))
        return
    for month in months:
        size = f"{month.bytes / 2**20:,.1f} MB"
        typer.echo(
            f"{month.partition}  about {month.rows:,} rows  {size}{f'  held: {month.held}' if month.held else ''}"
        )
    typer.echo(f"{len(months)} partitions")


def _run(work: Coroutine[None, None, list[Month]]) -> list[Month]:
    from cli.database import run

    return run(work)
