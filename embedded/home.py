"""The folder of one stack: `.bitacora/` of a repository, what lies where in it, and who holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedded.errors import DataInUseError


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one stack."""

    root: Path
    cache: Path

    @classmethod
    def of(cls, root: Path, cache: Path | None = None) -> Home:
        """The home at `root`; downloads go to its `cache` folder unless they are shared elsewhere."""
        absolute = root.absolute()
        return cls(absolute, (cache or absolute / "cache").absolute())

    @property
    def kafka(self) -> Path:
        return self.root / "kafka"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def data(self) -> Path:
        """Files that the services make: exports, spools."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def setup_token(self) -> Path:
        return self.root / "setup-token"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the folder for this process; the kernel lets it go when the process dies, however it dies.

        Raises DataInUseError when another process holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise DataInUseError(self.root, f"process {lock.read().strip() or 'unknown'}") from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield
