"""Kafka and PostgreSQL together: started side by side, stopped together."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from embedded.errors import EmbeddedError
from embedded.kafka import EmbeddedKafka
from embedded.ports import PortWish
from embedded.postgres import EmbeddedPostgres
from embedded.progress import Progress, SilentProgress
from embedded.reach import server_user, temporary_folder

CACHE = Path(__file__).parents[1] / ".bitacora" / "cache"

Part = EmbeddedKafka | EmbeddedPostgres


class EmbeddedStack:
    """A context manager, plain or async: `async with EmbeddedStack(ephemeral=True) as stack: ...`.

    Data lies below `data_dir`; without one, or when `ephemeral`, in a temporary folder that goes with it.
    An address that is given replaces the part that would have had it.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        ephemeral: bool = False,
        cache: Path = CACHE,
        kafka_bootstrap: str | None = None,
        postgres_dsn: str | None = None,
        kafka_port: PortWish | None = None,
        postgres_port: PortWish | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._temporary = temporary_folder(server_user()) if ephemeral or data_dir is None else None
        folder = self._temporary or data_dir
        assert folder is not None
        self.folder = folder
        says = progress or SilentProgress()
        throwaway = self._temporary is not None
        self._outside_kafka, self._outside_postgres = kafka_bootstrap, postgres_dsn
        self.kafka = EmbeddedKafka(
            folder=folder / "kafka",
            cache=cache,
            ephemeral=throwaway,
            port_wish=kafka_port or PortWish(),
            progress=says,
        )
        self.postgres = EmbeddedPostgres(
            folder=folder / "postgres",
            cache=cache,
            ephemeral=throwaway,
            port_wish=postgres_port or PortWish(),
            progress=says,
        )

    @property
    def kafka_bootstrap(self) -> str:
        """`host:port` of the broker."""
        return self._outside_kafka or self.kafka.bootstrap

    @property
    def postgres_dsn(self) -> str:
        """Address of our database."""
        return self._outside_postgres or self.postgres.dsn

    @property
    def parts(self) -> dict[str, Part]:
        """The servers that are ours to run, by name."""
        parts: dict[str, Part] = {}
        if self._outside_kafka is None:
            parts["kafka"] = self.kafka
        if self._outside_postgres is None:
            parts["postgres"] = self.postgres
        return parts

    def start(self) -> Self:
        """Starts both and returns when both answer. Raises EmbeddedError, with nothing left running."""
        try:
            self.prepare()
            self.launch()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def prepare(self) -> None:
        """Fetches and initialises what is missing; may run in any thread."""
        _side_by_side([part.prepare for part in self.parts.values()])

    def launch(self) -> None:
        """Starts the servers without waiting; call it from a thread that lives as long as they do."""
        for part in self.parts.values():
            part.launch()

    def wait_ready(self) -> None:
        """Returns when all answer; may run in any thread."""
        _side_by_side([part.wait_ready for part in self.parts.values()])

    def stop(self) -> None:
        """Stops both in good order; an ephemeral stack deletes its data. Safe to call twice."""
        _side_by_side([part.stop for part in self.parts.values()])
        if self._temporary is not None:
            self.postgres.remove()
            shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self.prepare)
            self.launch()  # here: the loop's thread outlives the servers, a worker thread may not
            await asyncio.to_thread(self.wait_ready)
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


def _side_by_side(work: list[Callable[[], None]]) -> None:
    """Runs all to their end, then raises the first error that is ours, or else the first of any kind."""
    if not work:
        return
    with ThreadPoolExecutor(len(work)) as pool:
        runs = [pool.submit(part) for part in work]
    errors = [error for run in runs if (error := run.exception()) is not None]
    for error in sorted(errors, key=lambda error: not isinstance(error, EmbeddedError)):
        raise error
