"""What a running stack looks like from outside: its processes, whether they are ready, what they use."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec
import psutil

from embedded.state import ProcessState, StackState, find


class ProcessView(msgspec.Struct, frozen=True):
    """One process now; `ready` is null for those that have no health address."""

    pid: int
    alive: bool
    ready: bool | None
    reason: str | None
    memory_mb: float | None
    health_url: str | None


async def look_at(state: StackState) -> dict[str, ProcessView]:
    """Every process of the stack, asked side by side."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
        views = await asyncio.gather(*(_look(session, process) for process in state.processes.values()))
    return dict(zip(state.processes, views, strict=True))


def as_env(state: StackState, setup_token: str | None) -> dict[str, Any]:
    """What `bitacora env --json` prints."""
    return {
        "state": state.state,
        "base_url": state.base_url,
        "kafka_bootstrap": state.kafka_bootstrap,
        "postgres_dsn": state.postgres_dsn,
        "setup_token": setup_token,
        "processes": {
            name: {"pid": process.pid, "health_url": process.health_url}
            for name, process in state.processes.items()
        },
    }


async def _look(session: aiohttp.ClientSession, process: ProcessState) -> ProcessView:
    running = find(process)
    if running is None:
        return ProcessView(process.pid, False, False, "not running", None, process.health_url)
    ready, reason = await _ask(session, process.health_url)
    return ProcessView(process.pid, True, ready, reason, _memory_mb(running), process.health_url)


def _memory_mb(process: psutil.Process) -> float | None:
    """What a process and its children use; shared pages count once where the system can tell."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            usage = one.memory_full_info()
            total += getattr(usage, "pss", usage.uss)
    except psutil.Error:
        return None
    return round(total / 1_000_000, 1)


async def _ask(session: aiohttp.ClientSession, health_url: str | None) -> tuple[bool | None, str | None]:
    if health_url is None:
        return None, None
    try:
        async with session.get(health_url) as response:
            if response.status == HTTPStatus.OK:
                return True, None
            return False, (await response.text())[:300]
    except (aiohttp.ClientError, TimeoutError) as error:
        return False, str(error) or type(error).__name__
