"""Runs everything: Kafka, PostgreSQL, the services and, if wanted, demo traffic, until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from cli.first_steps import Welcome, create_missing_topics, prepare_database, welcome
from cli.service_processes import DEMO, SERVICES, Surroundings, demo_traffic, service
from embedded.child import Child
from embedded.errors import DataInUseError
from embedded.home import Home
from embedded.install import REPOSITORY
from embedded.node import install_node_modules
from embedded.ports import LOOPBACK, PortWish
from embedded.progress import Progress
from embedded.stack import EmbeddedStack
from embedded.state import Phase, StackState, describe_process, end_leftovers, read_state, write_state
from embedded.supervisor import Managed, Supervisor

USUAL_PORT = 8080
_READY_SECONDS = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What `bitacora up` was asked for; an outside address replaces the part that would have had it."""

    home: Path
    demo: bool = False
    ephemeral: bool = False
    port: int | None = None
    kafka_bootstrap: str | None = None
    postgres_dsn: str | None = None


class Interrupted(Exception):  # noqa: N818 - a wish, not an error
    """Somebody asked us to stop while we were starting."""


@dataclass(slots=True)
class _Addresses:
    """Where things are; before they start, where they were last time."""

    base_url: str | None = None
    kafka_bootstrap: str | None = None
    postgres_dsn: str | None = None


class Up:
    """One run of the stack."""

    def __init__(self, options: UpOptions, progress: Progress, out: TextIO = sys.stdout) -> None:
        self._options = options
        self._progress = progress
        self._out = out
        self._home = Home.of(options.home, REPOSITORY / ".bitacora" / "cache")
        self._at = _Addresses()
        self._stack: EmbeddedStack | None = None
        self._supervisor = Supervisor(on_change=self._write_state, say=self._say)
        self._phase: Phase = "starting"
        self._started_at = datetime.now(UTC)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Starts all, says where it is, and returns when all has stopped after a signal.

        Raises EmbeddedError, or Interrupted when a signal came before everything ran.
        """
        with ExitStack() as holding:
            self._take_home(holding)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._asked_to_stop)
            try:
                await self._run_until_asked()
            finally:
                await self._stop_everything()

    def _take_home(self, holding: ExitStack) -> None:
        """Holds the folder; a run that keeps nothing makes do with one of its own when it is taken."""
        try:
            holding.enter_context(self._home.held())
        except DataInUseError:
            if not self._options.ephemeral:
                raise
            self._home = Home.of(self._new_stack().folder / "home", self._home.cache)
            holding.enter_context(self._home.held())
            self._say(
                f"Another stack runs in {self._options.home}; reach this one by --home {self._home.root}"
            )
        before = read_state(self._home.state)
        if before is not None:
            self._at = _Addresses(before.base_url, before.kafka_bootstrap, before.postgres_dsn)
            if ended := end_leftovers(before):
                self._say(f"Ended what a killed stack had left: {', '.join(ended)}")

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():
            self._supervisor.kill_all()
        self._stop.set()

    async def _run_until_asked(self) -> None:
        watching = asyncio.create_task(self._supervisor.watch())
        stopping = asyncio.create_task(self._stop.wait())
        starting = asyncio.create_task(self._start())
        try:
            await asyncio.wait({starting, watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done() and not starting.done():
                raise Interrupted
            if starting.done():
                starting.result()
                await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
        finally:
            for task in (watching, stopping, starting):
                task.cancel()
            await asyncio.gather(watching, stopping, starting, return_exceptions=True)

    async def _start(self) -> None:
        wish = PortWish(required=self._options.port, preferred=_port_of(self._at.base_url) or USUAL_PORT)
        port = wish.choose("the pages")  # first: a port that is taken is known before anything is fetched
        stack = self._stack or self._new_stack()
        self._write_state()
        await asyncio.gather(
            asyncio.to_thread(stack.prepare),
            asyncio.to_thread(install_node_modules, REPOSITORY, self._home.cache, self._progress),
        )
        await self._start_servers(stack)
        self._progress.note("Preparing the database and the topics")
        await asyncio.gather(
            prepare_database(stack.postgres_dsn, demo=self._options.demo),
            asyncio.to_thread(create_missing_topics, stack.kafka_bootstrap),
        )
        await self._start_services(Surroundings(self._home, stack, port))
        assert self._at.base_url is not None
        found = await welcome(
            stack.postgres_dsn, self._at.base_url, self._home.setup_token, demo=self._options.demo
        )
        self._phase = "running"
        self._write_state()
        self._greet(found)

    def _new_stack(self) -> EmbeddedStack:
        self._stack = EmbeddedStack(
            self._home.root,
            ephemeral=self._options.ephemeral,
            cache=self._home.cache,
            kafka_bootstrap=self._options.kafka_bootstrap,
            postgres_dsn=self._options.postgres_dsn,
            kafka_port=PortWish(preferred=_port_of(self._at.kafka_bootstrap)),
            postgres_port=PortWish(preferred=_port_of(self._at.postgres_dsn)),
            progress=self._progress,
        )
        return self._stack

    async def _start_servers(self, stack: EmbeddedStack) -> None:
        """Starts Kafka and PostgreSQL here, in the thread that lives as long as they do."""
        self._progress.note("Starting Kafka and PostgreSQL")
        children = {name: part.launch() for name, part in stack.parts.items()}
        await asyncio.to_thread(stack.wait_ready)
        self._at.kafka_bootstrap, self._at.postgres_dsn = stack.kafka_bootstrap, stack.postgres_dsn
        for name, child in children.items():
            self._supervisor.adopt(Managed(name=name, launch=stack.parts[name].launch), child)

    async def _start_services(self, around: Surroundings) -> None:
        self._at.base_url = f"http://{LOOPBACK}:{around.port}"
        for name in SERVICES:
            spec, health_url = service(name, around)
            self._supervisor.start(Managed(name=name, launch=partial(Child, spec), health_url=health_url))
        self._progress.note("Waiting for the services")
        await self._supervisor.wait_ready(SERVICES, _READY_SECONDS)
        if self._options.demo:
            self._supervisor.start(
                Managed(name=DEMO, launch=partial(Child, demo_traffic(around)), stop_seconds=10)
            )

    async def _stop_everything(self) -> None:
        self._phase = "stopping"
        self._write_state()
        self._progress.note("Stopping")
        await self._supervisor.stop([DEMO])
        await self._supervisor.stop(SERVICES)
        await self._supervisor.stop()
        self._phase = "stopped"
        self._write_state()
        if self._stack is not None:
            self._stack.stop()

    def _write_state(self) -> None:
        write_state(
            self._home.state,
            StackState(
                state=self._phase,
                owner=describe_process(os.getpid()),
                started_at=self._started_at,
                base_url=self._at.base_url,
                kafka_bootstrap=self._at.kafka_bootstrap,
                postgres_dsn=self._at.postgres_dsn,
                processes=self._supervisor.processes(),
            ),
        )

    def _greet(self, found: Welcome) -> None:
        lines = ["", f"  Bitácora runs at {self._at.base_url}"]
        if found.link:
            lines += [f"  {found.link_says}:", f"  {found.link}"]
        lines += ["", "  Ctrl-C stops it. In another terminal: `bitacora status`, `bitacora env`.", ""]
        self._say("\n".join(lines))

    def _say(self, text: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # who read us has left; the stack goes on
            print(text, file=self._out, flush=True)


def _port_of(address: str | None) -> int | None:
    """The port in `host:port` or in a URL."""
    if not address:
        return None
    return urlsplit(address if "//" in address else f"//{address}").port
