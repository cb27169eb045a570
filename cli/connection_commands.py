"""`bitacora connection set|list`: what an account sets for each of its sources of events.

Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from cli.connections import ConnectionSettings

EXIT_FAILED = 1
DEFAULT = "default"

T = TypeVar("T")
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Adds this file's commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Sources of events, and what they set for themselves.")
    group.command("set")(set_command)
    group.command("list")(list_command)
    app.add_typer(group, name="connection")


def set_command(
    account: Account,
    connection: Annotated[
        str, typer.Argument(metavar="CONNECTION", help="What events carry as connectionid.")
    ],
    kind: Annotated[
        str | None, typer.Option(help="Where its events come from: canonical, zenvia, ...")
    ] = None,
    chatbot: Annotated[str | None, typer.Option(help="The chatbot behind it.")] = None,
    environment: Annotated[
        Literal["production", "testing"] | None, typer.Option(help="What its events are.")
    ] = None,
    idle_timeout: Annotated[
        str | None,
        typer.Option(help="Seconds without a message that end a conversation, 0: never, or `default`."),
    ] = None,
    prelude_window: Annotated[
        str | None,
        typer.Option(
            help="Seconds an HSM waits for its answer, or `default`; for conversations opened a minute from now."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Makes a connection or changes what is given; the rest stays as it was."""
    from bitacora_schemas.events.envelope import is_slug

    from cli.addresses import postgres_dsn
    from cli.connections import ConnectionSettings, set_connection

    if not is_slug(connection):
        raise typer.BadParameter("a connection id has 1 to 64 of a-z, 0-9 and -", param_hint="CONNECTION")
    wanted = ConnectionSettings(
        connection,
        kind,
        chatbot,
        environment,
        _seconds(idle_timeout, "--idle-timeout"),
        _seconds(prelude_window, "--prelude-window"),
    )
    _print([_run(set_connection(postgres_dsn(), account, wanted))], as_json=as_json)


def list_command(account: Account, as_json: AsJson = False) -> None:
    """Prints the connections that were configured; others have the installation's settings."""
    from cli.addresses import postgres_dsn
    from cli.connections import list_connections

    _print(_run(list_connections(postgres_dsn(), account)), as_json=as_json)


def _seconds(text: str | None, option: str) -> int | None:
    from cli import connections

    if text is None:
        return None
    if text == DEFAULT:
        return connections.DEFAULT
    if not text.isdecimal() or int(text) >= 2**31:
        raise typer.BadParameter("takes a number of seconds or `default`", param_hint=option)
    return int(text)


def _print(found: Sequence[ConnectionSettings], *, as_json: bool) -> None:
    import msgspec

    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(found)))
        return
    for each in found:
        told = [
            f"{name}={DEFAULT if value is None else value}"
            for name, value in msgspec.structs.asdict(each).items()
            if name != "id"
        ]
        typer.echo(f"{each.id}  {'  '.join(told)}")


def _run(work: Coroutine[None, None, T]) -> T:
    from cli.connections import UnknownAccountError
    from cli.database import run

    return run(work, {UnknownAccountError: "no account has this id; see `bitacora account list`"})
