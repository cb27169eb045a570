"""`bitacora lag`, `tail`, `dead-letters`, `gap`, `incarnation`: how the log does, and what it waits for.

Exit codes: 0 done, 1 failed or nothing to do, 2 wrong usage or settings.
"""

import json
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

if TYPE_CHECKING:
    from cli.halts import FoundHalt

EXIT_FAILED = 1

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Topic = Annotated[str | None, typer.Option(help="Another topic than that of the events.")]
Reason = Annotated[str, typer.Option(help="Only those refused for this reason.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")]


def register(app: typer.Typer) -> None:
    """Adds this file's commands to the command line."""
    letters = typer.Typer(no_args_is_help=True, help="Records that ingest refused.")
    letters.command("list")(list_command)
    letters.command("show")(show_command)
    letters.command("redrive")(redrive_command)
    letters.command("drop")(drop_command)
    gap = typer.Typer(no_args_is_help=True, help="Events that Kafka deleted before they were read.")
    gap.command("accept")(accept_gap_command)
    incarnation = typer.Typer(no_args_is_help=True, help="A topic that was deleted and made anew.")
    incarnation.command("accept")(accept_incarnation_command)
    app.command("lag")(lag_command)
    app.command("tail")(tail_command)
    app.add_typer(letters, name="dead-letters")
    app.add_typer(gap, name="gap")
    app.add_typer(incarnation, name="incarnation")


def lag_command(topic: Topic = None, as_json: AsJson = False) -> None:
    """Says how many records wait, and for how long, by the checkpoints in PostgreSQL."""
    from rich.console import Console
    from rich.table import Table

    from cli.addresses import kafka_settings, postgres_dsn
    from cli.lag import read_lag

    lag = _run(read_lag(postgres_dsn(), kafka_settings(), _topic(topic)))
    if as_json:
        _print_json(lag)
        return
    table = Table("partition", "next", "end", "lag", "stands still for", "halted")
    for partition in lag.partitions:
        table.add_row(
            str(partition.partition),
            str(partition.next_offset),
            str(partition.end_offset),
            str(partition.lag),
            f"{partition.seconds:.1f} s" if partition.lag else "",
            partition.halted or "",
        )
    Console().print(table)
    typer.echo(f"{lag.total} records wait, the longest for {lag.seconds:.1f} s")


def tail_command(
    topic: Topic = None,
    last: Annotated[int, typer.Option(min=0, help="Begin so many records back on each partition.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    seconds: Annotated[float | None, typer.Option(help="End after so many seconds without a record.")] = None,
    account: Annotated[str | None, typer.Option(help="Only events of this account.")] = None,
    payload: Annotated[
        bool, typer.Option("--payload", help="Print values too; they hold personal data.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follows the events as they come, until Ctrl-C."""
    from cli.addresses import kafka_settings
    from cli.tail import POLL_MS, follow

    shown = 0
    quiet = 0.0
    try:
        for seen in follow(kafka_settings(), _topic(topic), last=last, account=account, payload=payload):
            if seen is None:
                quiet += POLL_MS / 1_000
                if seconds is not None and quiet >= seconds:
                    return
                continue
            quiet = 0.0
            if as_json:
                _print_json(seen)
            else:
                what = seen.type or f"refused: {seen.refused}"
                who = f"{seen.account or '-'} {(seen.thread_key or '-')[:8]}"
                typer.echo(
                    f"{seen.appended_at:%H:%M:%S.%f} {seen.partition:>3} {seen.offset:>9} {who} {what}"
                )
                if seen.payload is not None:
                    typer.echo(seen.payload)
            shown += 1
            if shown == limit:
                return
    except KeyboardInterrupt:
        return


def list_command(
    reason: Reason = "",
    state: Annotated[str, typer.Option(help="open, redriven, dropped or all.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 100,
    as_json: AsJson = False,
) -> None:
    """Lists refused records, newest first, without what they hold."""
    from rich.console import Console
    from rich.table import Table

    from cli.addresses import postgres_dsn
    from cli.dead_letters import find

    wanted = "" if state == "all" else state
    letters = _run(find(postgres_dsn(), reason=reason, state=wanted, limit=limit))
    if as_json:
        _print_json(letters)
        return
    table = Table("id", "partition", "offset", "reason", "detail", "first seen", "state", "attempts")
    for letter in letters:
        table.add_row(
            str(letter.id),
            str(letter.partition),
            str(letter.offset),
            letter.reason,
            letter.detail,
            f"{letter.first_seen:%Y-%m-%d %H:%M:%S} UTC",
            letter.state,
            str(letter.attempts),
        )
    Console().print(table)


def show_command(number: Annotated[int, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """Shows one refused record whole; its value may hold personal data."""
    from cli.addresses import postgres_dsn
    from cli.dead_letters import read

    found = _run(read(postgres_dsn(), number))
    if found is None:
        raise _fail(f"there is no dead letter {number}")
    letter, value, headers = found
    named = {name: (data or b"").decode("utf-8", "backslashreplace") for name, data in headers}
    if as_json:
        _print_json({**msgspec.to_builtins(letter), "headers": named, "value": value})
        return
    for field, content in msgspec.to_builtins(letter).items():
        typer.echo(f"{field}: {content}")
    for name, content in named.items():
        typer.echo(f"header {name}: {content}")
    typer.echo(value)


def redrive_command(
    numbers: Annotated[list[int] | None, typer.Argument(metavar="ID...")] = None,
    reason: Reason = "",
    everything: Annotated[bool, typer.Option("--all", help="All open ones.")] = False,
    limit: Annotated[int, typer.Option(min=1)] = 10_000,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Sends refused records again, as they were: after a fix, or after the account was made. Repeats are harmless.

    A record that comes late is treated as a late event.
    """
    from cli.addresses import kafka_settings, postgres_dsn
    from cli.dead_letters import choose_open, preview, redrive

    dsn = postgres_dsn()
    chosen = numbers or _chosen(
        choose_open(dsn, reason=reason, limit=limit), wanted=everything or bool(reason)
    )
    seen = _run(preview(dsn, chosen))
    done = _run(redrive(dsn, kafka_settings(), chosen)) if yes else []
    if as_json:
        _print_json({"readable": seen.readable, "still_refused": seen.still_refused, "redriven": done})
        return
    typer.echo(
        f"{len(seen.readable)} can be read by today's rules, {len(seen.still_refused)} would be refused again"
    )
    typer.echo(f"{len(done)} sent again" if yes else "nothing was sent; add --yes")


def drop_command(
    numbers: Annotated[list[int], typer.Argument(metavar="ID...")], yes: Yes = False, as_json: AsJson = False
) -> None:
    """Gives refused records up; they stay in the table, marked."""
    from cli.addresses import postgres_dsn
    from cli.dead_letters import drop

    done = _run(drop(postgres_dsn(), numbers)) if yes else []
    if as_json:
        _print_json({"dropped": done})
    else:
        typer.echo(f"{len(done)} dropped" if yes else f"{len(numbers)} would be dropped; add --yes")


def accept_gap_command(
    partition: Annotated[int, typer.Argument()],
    topic: Topic = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Goes on behind events that Kafka no longer has, and records which they were."""
    from cli.halts import accept_gap

    dsn, halt = _halt(topic, partition, {"gap", "truncated"}, "a gap")
    next_offset = _run(accept_gap(dsn, halt)) if yes else None
    _say_decision(halt, next_offset, as_json=as_json)


def accept_incarnation_command(
    partition: Annotated[int, typer.Argument()],
    topic: Topic = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Reads a topic that was made anew from its start."""
    from cli.addresses import kafka_settings
    from cli.halts import accept_incarnation

    dsn, halt = _halt(topic, partition, {"incarnation"}, "a topic made anew")
    next_offset = _run(accept_incarnation(dsn, kafka_settings(), halt)) if yes else None
    _say_decision(halt, next_offset, as_json=as_json)


def _halt(topic: str | None, partition: int, reasons: set[str], words: str) -> "tuple[str, FoundHalt]":
    """The database, and the halt of a partition for one of these reasons. Ends the command with 1 when there is none."""
    from cli.addresses import postgres_dsn
    from cli.halts import find_halt

    dsn = postgres_dsn()
    halt = _run(find_halt(dsn, _topic(topic), partition))
    if halt is None or halt.reason not in reasons:
        raise _fail(f"partition {partition} is not halted by {words}")
    return dsn, halt


def _say_decision(halt: msgspec.Struct, next_offset: int | None, *, as_json: bool) -> None:
    known = msgspec.to_builtins(halt)
    if as_json:
        _print_json({**known, "accepted": next_offset is not None, "goes_on_at": next_offset})
        return
    typer.echo(f"halted: {known['reason']}, offsets {known['lost_from']} up to {known['lost_to']}")
    typer.echo("nothing was changed; add --yes" if next_offset is None else f"goes on at {next_offset}")


def _chosen(choose: Coroutine[None, None, list[int]], *, wanted: bool) -> list[int]:
    if not wanted:
        choose.close()
        raise typer.BadParameter("name ids, a --reason, or --all")
    return _run(choose)


def _topic(topic: str | None) -> str:
    from bitacora_schemas.topics import EVENTS

    return topic or EVENTS


def _print_json(value: object) -> None:
    typer.echo(json.dumps(msgspec.to_builtins(value)))


def _fail(why: str) -> typer.Exit:
    typer.echo(why, err=True)
    return typer.Exit(EXIT_FAILED)


def _run(work: Coroutine[None, None, T]) -> T:
    from aiokafka.errors import KafkaError

    from cli.database import run
    from services.ingest.source.broker_facts import FactsUnavailableError

    return run(
        work,
        {
            FactsUnavailableError: lambda error: f"cannot use Kafka: {error}",
            KafkaError: lambda error: f"Kafka refused: {type(error).__name__}",
        },
    )
