"""`bitacora produce`: send the events of a file.

Exit codes: 0 all sent, 1 some were refused or failed, 2 wrong usage or settings.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

if TYPE_CHECKING:
    from bitacora_producer import Delivery, Record, Transport

EXIT_FAILED = 1
BOOTSTRAP_MS = 10_000
SHOWN_REFUSALS = 20


def register(app: typer.Typer) -> None:
    """Adds this file's command to the command line."""
    app.command("produce")(produce_command)


def produce_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.ndjson", help="One event a line; `-` reads stdin.")],
    *,
    account: Annotated[str | None, typer.Option(help="For events without accountid.")] = None,
    connection: Annotated[str | None, typer.Option(help="For events without connectionid.")] = None,
    environment: Annotated[str, typer.Option(help="For events without environment.")] = "production",
    topic: Annotated[str | None, typer.Option(help="Another topic than that of the events.")] = None,
    records: Annotated[
        bool,
        typer.Option("--records", help="Lines are {key, value | value_base64, headers}, sent unchanged."),
    ] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for Kafka at the end.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Sends canonical events; fills id, key and times where they are absent."""
    from bitacora_producer import FlushTimeoutError
    from bitacora_producer.ndjson import Defaults, event_record, raw_record
    from bitacora_schemas.topics import EVENTS

    name = topic or EVENTS
    defaults = Defaults(account, connection, environment)

    def parse(line: bytes) -> Record:
        return raw_record(line, name) if records else event_record(line, name, defaults, _now())

    counts = Counts()
    began = time.monotonic()
    with _lines(file) as lines, _transport() as transport:
        send_lines(lines, parse, transport, counts)
        try:
            transport.flush(timeout)
        except FlushTimeoutError as error:
            typer.echo(str(error), err=True)
    _print(counts, time.monotonic() - began, as_json=as_json)
    if counts.sent < counts.lines:
        raise typer.Exit(EXIT_FAILED)


@dataclass
class Counts:
    """What became of the lines; deliveries are counted from Kafka's thread."""

    lines: int = 0
    sent: int = 0
    failed: int = 0
    refused: int = 0
    refusals: list[dict[str, str | int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def delivered(self, delivery: Delivery) -> None:
        """Counts what Kafka said about one record."""
        with self.lock:
            if delivery.error is None:
                self.sent += 1
            else:
                self.failed += 1


def send_lines(
    lines: Iterator[bytes], parse: Callable[[bytes], Record], transport: Transport, counts: Counts
) -> None:
    """Sends every line that is not blank; a refused one is counted, told, and does not stop the others."""
    from bitacora_producer import InvalidEventError

    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        counts.lines += 1
        try:
            record = parse(line)
        except InvalidEventError as error:
            counts.refused += 1
            if len(counts.refusals) < SHOWN_REFUSALS:
                counts.refusals.append({"line": number, "reason": error.reason, "detail": error.detail})
            continue
        transport.send(record, counts.delivered)


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[bytes]]:
    if str(file) == "-":
        yield iter(sys.stdin.buffer)
        return
    try:
        source: BinaryIO = file.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE.ndjson") from None
    with source:
        yield _with_progress(source, file.stat().st_size)


def _with_progress(source: BinaryIO, size: int) -> Iterator[bytes]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("sending", total=size)
        for line in source:
            yield line
            progress.advance(task, len(line))


@contextmanager
def _transport() -> Iterator[Transport]:
    from bitacora_producer import KafkaTransport
    from kafka.errors import KafkaError

    from cli.addresses import kafka_settings
    from services.chassis.kafka import kafka_python_options, why_unreachable

    settings = kafka_settings()
    options = {**kafka_python_options(settings), "bootstrap_timeout_ms": BOOTSTRAP_MS}
    bootstrap = options.pop("bootstrap_servers")
    try:
        transport = KafkaTransport(bootstrap, options)
    except KafkaError as error:
        why = asyncio.run(why_unreachable(settings)) or str(error)
        typer.echo(f"cannot use Kafka: {why}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    try:
        yield transport
    finally:
        transport.close(10.0)


def _print(counts: Counts, seconds: float, *, as_json: bool) -> None:
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "lines": counts.lines,
                    "sent": counts.sent,
                    "refused": counts.refused,
                    "failed": counts.failed,
                    "seconds": round(seconds, 3),
                    "refusals": counts.refusals,
                }
            )
        )
        return
    for refusal in counts.refusals:
        typer.echo(f"line {refusal['line']}: {refusal['reason']}: {refusal['detail']}", err=True)
    typer.echo(f"{counts.sent} sent, {counts.refused} refused, {counts.failed} failed in {seconds:.1f} s")


def _now() -> datetime:
    return datetime.now(UTC)
