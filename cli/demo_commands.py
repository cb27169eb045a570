"""`bitacora demo`: believable traffic into a Kafka that is there already."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("demo")(run_demo)


def run_demo(
    rate: Annotated[float, typer.Option(help="Events a second, on average.")] = 5.0,
    account: Annotated[str, typer.Option(help="Account the events belong to.")] = "demo",
    weeks: Annotated[
        int, typer.Option(help="Weeks of past conversations sent first, into an empty topic only.")
    ] = 5,
) -> None:
    """Sends made-up conversations through the producer library until it is stopped."""
    from cli.addresses import kafka_settings

    environment = {
        **os.environ,
        "BITACORA_KAFKA_BOOTSTRAP": kafka_settings().kafka_bootstrap,
        "BITACORA_DEMO_RATE": str(rate),
        "BITACORA_DEMO_ACCOUNT": account,
        "BITACORA_DEMO_WEEKS": str(weeks),
    }
    os.execve(sys.executable, [sys.executable, "-m", "demo"], environment)  # noqa: S606  the same program, other settings
