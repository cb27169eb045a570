"""What a running stack tells about itself in `state.json`, for `bitacora status` and `bitacora env`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
import psutil

Phase = Literal["starting", "running", "stopping", "stopped"]
_BIRTH_TOLERANCE_SECONDS = 2.0


class ProcessState(msgspec.Struct, frozen=True):
    """One process. `started_at` (seconds since 1970) tells it from a later one that got the same id."""

    pid: int
    started_at: float
    health_url: str | None = None


class StackState(msgspec.Struct, frozen=True):
    """The stack; `owner` is the process that supervises it. Addresses are null until they are known."""

    state: Phase
    owner: ProcessState
    started_at: datetime
    base_url: str | None = None
    kafka_bootstrap: str | None = None
    postgres_dsn: str | None = None
    processes: dict[str, ProcessState] = {}


def describe_process(pid: int, health_url: str | None = None) -> ProcessState:
    """The state of a process that runs now; one that just ended is described as started at 0."""
    try:
        born = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        born = 0.0
    return ProcessState(pid, born, health_url)


def is_alive(process: ProcessState) -> bool:
    """Whether this very process still runs: not a zombie, not another one under the same id."""
    return find(process) is not None


def find(process: ProcessState) -> psutil.Process | None:
    """The operating system's view of a recorded process, or None when it is gone."""
    try:
        running = psutil.Process(process.pid)
        same = abs(running.create_time() - process.started_at) < _BIRTH_TOLERANCE_SECONDS
        return running if same and running.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def read_state(path: Path) -> StackState | None:
    """The recorded state; None when no stack ever ran here or the file is of another version.

    A stack whose owner was killed reads as stopped.
    """
    try:
        state = msgspec.json.decode(path.read_bytes(), type=StackState)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    if state.state != "stopped" and not is_alive(state.owner):
        return msgspec.structs.replace(state, state="stopped")
    return state


def write_state(path: Path, state: StackState) -> None:
    """Writes the state in one step, readable by its owner only: it holds the database's password."""
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(state), indent=2))
    fresh.replace(path)


def end_leftovers(state: StackState, seconds: float = 15.0) -> list[str]:
    """Waits for processes of a stack whose owner died, then kills those that stay; answers whom.

    They are on a leash and end by themselves as a rule.
    """
    remaining = _wait_until_gone(state.processes, seconds)
    for process in remaining.values():
        if running := find(process):
            running.kill()
    _wait_until_gone(remaining, 5.0)
    return list(remaining)


def _wait_until_gone(processes: Mapping[str, ProcessState], seconds: float) -> dict[str, ProcessState]:
    """Those that still run when time is up. A dead one that nobody has reaped yet counts as gone."""
    end = time.monotonic() + seconds
    while True:
        living = {name: process for name, process in processes.items() if is_alive(process)}
        if not living or time.monotonic() > end:
            return living
        time.sleep(0.1)
