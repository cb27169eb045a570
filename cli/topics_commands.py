"""`bitacora topics`: the topics of the contract, as Kafka has them.

Exit codes: 0 done, 1 Kafka is away or a topic does not agree with the contract, 2 wrong usage or settings.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cli.topics import FoundTopic

EXIT_FAILED = 1

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Adds this file's commands to the command line."""
    topics = typer.Typer(no_args_is_help=True, help="The Kafka topics of the contract.")
    topics.command("create")(create_command)
    topics.command("list")(list_command)
    app.add_typer(topics, name="topics")


def create_command(
    replicas: Annotated[int, typer.Option(help="Copies of each partition; -1 is the broker's default.")] = -1,
    as_json: AsJson = False,
) -> None:
    """Makes the topics that are missing; one that exists is left as it is."""
    from cli.topics import create_topics

    _report(_ask_kafka(lambda options: create_topics(options, replicas=replicas)), as_json=as_json)


def list_command(as_json: AsJson = False) -> None:
    """Lists the topics, and where they differ from the contract."""
    from cli.topics import list_topics

    _report(_ask_kafka(list_topics), as_json=as_json)


def _ask_kafka(work: Callable[[dict[str, Any]], list[FoundTopic]]) -> list[FoundTopic]:
    """Runs work with kafka-python's options; what goes wrong with Kafka ends the command with 1."""
    from kafka.errors import KafkaError

    from cli.addresses import kafka_settings
    from services.chassis.kafka import kafka_python_options, why_unreachable

    settings = kafka_settings()
    try:
        return work(kafka_python_options(settings))
    except KafkaError as error:
        why = asyncio.run(why_unreachable(settings)) or str(error)
        typer.echo(f"cannot use Kafka: {why}", err=True)
        raise typer.Exit(EXIT_FAILED) from None


def _report(topics: list[FoundTopic], *, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    if as_json:
        typer.echo(json.dumps([topic._asdict() for topic in topics]))
    else:
        table = Table("topic", "partitions", "replicas", "days", "state")
        for topic in topics:
            state = "missing" if not topic.exists else "created" if topic.created else "there"
            table.add_row(
                topic.name,
                str(topic.partitions),
                str(topic.replicas or "-"),
                str(topic.retention_days),
                f"{state}: {topic.differs}" if topic.differs else state,
            )
        Console().print(table)
    if any(topic.differs for topic in topics):
        raise typer.Exit(EXIT_FAILED)
