"""Where a command finds PostgreSQL and Kafka: the environment, else this folder's stack."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from embedded.state import StackState
    from services.chassis.settings import KafkaSettings

EXIT_BAD_SETTINGS = 2
STACK_FOLDER = Path(os.environ.get("BITACORA_EMBEDDED_HOME") or ".bitacora")


def postgres_dsn() -> str:
    """The database's address. Ends the command with 2 and the reasons when there is none."""
    from services.chassis.settings import PostgresSettings, SettingsError, load

    if not _is_set("postgres_dsn") and (stack := running_stack()) and stack.postgres_dsn:
        return stack.postgres_dsn
    try:
        return load(PostgresSettings).postgres_dsn.get_secret_value()
    except SettingsError as error:
        raise _unusable(error) from None


def kafka_settings() -> "KafkaSettings":
    """How to reach Kafka. Ends the command with 2 and the reasons when the settings are not usable."""
    from services.chassis.settings import KafkaSettings, SettingsError, load

    try:
        settings = load(KafkaSettings)
    except SettingsError as error:
        raise _unusable(error) from None
    if not _is_set("kafka_bootstrap") and (stack := running_stack()) and stack.kafka_bootstrap:
        return settings.model_copy(update={"kafka_bootstrap": stack.kafka_bootstrap})
    return settings


def running_stack() -> "StackState | None":
    """What the embedded stack of this folder says of itself; None unless it runs."""
    if find_spec("psutil") is None:
        return None  # an installation without the embedded stack, such as the container image
    from embedded.home import Home
    from embedded.state import read_state

    state = read_state(Home.of(STACK_FOLDER).state)
    return state if state is not None and state.state == "running" else None


def _is_set(field: str) -> bool:
    from services.chassis.settings import variable_of

    variable = variable_of(field)
    return bool(os.environ.get(variable) or os.environ.get(f"{variable}_FILE"))


def _unusable(error: Exception) -> typer.Exit:
    typer.echo(f"{error}\nSet it, or start the stack of this folder with `bitacora up`.", err=True)
    return typer.Exit(EXIT_BAD_SETTINGS)
