"""`bitacora user`, `token`, `sign-in-link`: who may look at conversations.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or settings.
"""

import json
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from services.chassis.postgres import Connection

EXIT_FAILED = 1
T = TypeVar("T")


class RoleName(StrEnum):
    """The roles there are."""

    OPERATOR = "operator"
    ADMIN = "admin"


Account = Annotated[str, typer.Option(help="The account's id, what events carry as accountid.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Adds this file's commands to the command line."""
    users = typer.Typer(no_args_is_help=True, help="The people who may sign in.")
    users.command("create")(create_user)
    tokens = typer.Typer(no_args_is_help=True, help="Tokens of programs that use the API.")
    tokens.command("create")(create_token_command)
    tokens.command("revoke")(revoke_token_command)
    app.add_typer(users, name="user")
    app.add_typer(tokens, name="token")
    app.command("sign-in-link")(sign_in_link)


def create_user(
    email: Annotated[str, typer.Argument(help="What the person signs in with.")],
    account: Account,
    name: Annotated[str, typer.Option(help="How the person is shown.")],
    role: RoleName = RoleName.OPERATOR,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input (never an argument)."),
    ] = False,
    without_password: Annotated[bool, typer.Option(help="Sign in by link only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Creates a person with a role in an account."""
    from services.query.auth.passwords import Passwords
    from services.query.auth.people import create_person

    password = None if without_password else _password(from_stdin=password_stdin)

    async def create(conn: "Connection") -> int:
        passwords = Passwords()
        try:
            return await create_person(
                conn, passwords, account=account, email=email, name=name, role=role.value, password=password
            )
        finally:
            passwords.close()

    user_id = _run(create)
    _print(
        {"id": user_id, "email": email.strip().lower(), "role": role.value},
        f"created user {user_id}",
        as_json,
    )


def create_token_command(
    account: Account,
    role: RoleName = RoleName.OPERATOR,
    name: Annotated[str, typer.Option(help="What it is for.")] = "cli",
    days: Annotated[int, typer.Option(min=1, max=365, help="Days until it expires.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Creates an API token and prints it; it cannot be shown again."""
    from services.chassis.clock import utc_now
    from services.query.auth.tokens import CreatedToken, create_token

    async def create(conn: "Connection") -> CreatedToken:
        return await create_token(
            conn, account=account, role=role.value, name=name, now=utc_now(), life=timedelta(days=days)
        )

    made = _run(create)
    _print({"token": made.token, "id": made.id}, made.token, as_json)


def revoke_token_command(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="The token's id.")], account: Account
) -> None:
    """Makes a token useless at once."""
    from services.chassis.clock import utc_now
    from services.query.auth.tokens import revoke_token

    async def revoke(conn: "Connection") -> bool:
        return await revoke_token(conn, account=account, token_id=token_id, now=utc_now())

    if not _run(revoke):
        typer.echo("there is no such live token in this account", err=True)
        raise typer.Exit(EXIT_FAILED)
    typer.echo(f"revoked token {token_id}")


def sign_in_link(
    account: Account,
    role: RoleName = RoleName.ADMIN,
    base_url: Annotated[
        str | None, typer.Option(help="Address of the pages (default: this folder's stack).")
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="Minutes until it expires.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Prints a link that signs one person in, once."""
    from services.query.auth.links import issue_sign_in_link

    async def issue(conn: "Connection") -> str:
        return await issue_sign_in_link(
            conn, account=account, role=role.value, ttl=timedelta(minutes=minutes)
        )

    from cli.addresses import running_stack

    stack = running_stack()
    base = base_url or (stack.base_url if stack is not None else None) or "http://127.0.0.1:8080"
    url = base.rstrip("/") + _run(issue)
    _print({"url": url}, url, as_json)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _print(values: dict[str, Any], text: str, as_json: bool) -> None:
    typer.echo(json.dumps(values) if as_json else text)


def _run(work: Callable[["Connection"], Awaitable[T]]) -> T:
    """Runs a piece of work on a connection; refusals go to stderr in a line, with exit code 1."""
    from cli.addresses import postgres_dsn
    from cli.database import open_connection, run
    from services.query.auth.people import BadPerson
    from services.query.auth.tokens import NoSuchAccount

    dsn = postgres_dsn()

    async def connected() -> T:
        async with open_connection(dsn) as conn:
            return await work(conn)

    return run(
        connected(),
        {
            NoSuchAccount: lambda error: (
                f"there is no account {error}; make it with `bitacora account create`"
            ),
            BadPerson: lambda error: f"not usable: {error}",
        },
    )
