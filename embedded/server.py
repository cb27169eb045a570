"""What the embedded servers share: prepared, launched, waited for, stopped, killed, removed."""

from __future__ import annotations

import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from embedded.artifacts import ArtifactSource
from embedded.child import Child
from embedded.errors import DiskFullError, EmbeddedError, PortTakenError
from embedded.ports import PortWish
from embedded.progress import Progress, SilentProgress


@dataclass(slots=True, kw_only=True)
class EmbeddedServer(ABC):
    """A server of ours as a child process; as a context manager it runs inside the block.

    Its data lies below `folder`, what it is made of below `cache`. `settings` are written over its usual ones.
    """

    name: ClassVar[str]
    stop_seconds: ClassVar[float]
    crash_signal: ClassVar[signal.Signals]

    folder: Path
    cache: Path
    ephemeral: bool = False
    port_wish: PortWish = field(default_factory=PortWish)
    settings: Mapping[str, str] = field(default_factory=dict)
    progress: Progress = field(default_factory=SilentProgress)
    source: ArtifactSource | None = None
    port: int = 0
    _child: Child | None = None

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()
        self.cache = self.cache.absolute()

    @abstractmethod
    def prepare(self) -> None:
        """Fetches what it is made of and initialises its data; may run in any thread."""

    @abstractmethod
    def launch(self) -> Child:
        """Starts it without waiting; call it from a thread that lives as long as the server.

        A later call, after a crash, starts it again on the same port.
        """

    @abstractmethod
    def wait_ready(self) -> None:
        """Returns when it answers. Raises StartFailedError."""

    @property
    @abstractmethod
    def data(self) -> Path:
        """Where it keeps its data."""

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._running().pid

    def start(self) -> Self:
        """Installs, initialises and starts what is missing; returns when the server answers."""
        self.prepare()
        self.launch()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stops it in good order; nothing happens when it does not run."""
        if self._child is not None:
            self._child.stop(self.stop_seconds)
            self._child = None

    def kill(self) -> None:
        """Ends it as a crash would."""
        child = self._running()
        child.send(self.crash_signal)
        child.wait(self.stop_seconds)
        self._child = None

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._running().exit_code()

    def remove(self) -> None:
        """Deletes the data, after `stop`."""
        for folder in self._own_folders():
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        if self.ephemeral:
            self.remove()

    def _own_folders(self) -> list[Path]:
        return [self.folder]

    def _artifacts(self) -> ArtifactSource:
        return self.source or ArtifactSource(spare=self.cache / "maven", progress=self.progress)

    def _running(self) -> Child:
        if self._child is None:
            raise EmbeddedError(f"{self.name} is not running")
        return self._child

    def _why_it_ended(self) -> EmbeddedError:
        child = self._running()
        log = child.log_tail()
        if "No space left on device" in log:
            return DiskFullError(self.data)
        if "Address already in use" in log:
            return PortTakenError(self.name, self.port)
        return child.failed(f"it ended with code {child.exit_code()}")
