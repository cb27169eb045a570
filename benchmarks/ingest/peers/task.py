"""What a peer is told to do, and how it says how far it is. Standard library only: one peer has packages of its own."""

import json
import mmap
import os
import struct
from dataclasses import asdict, dataclass
from pathlib import Path

_COUNTER = struct.Struct("=Q")


@dataclass(frozen=True, slots=True)
class Task:
    """Written by the benchmark, read by a peer. `warm` and `events` are counts of events, `dsn` the database to fill."""

    bootstrap: str
    topic: str
    group: str
    dsn: str
    progress: str
    folder: str
    warm: int
    events: int
    batch: int
    source_dsn: str = ""

    def write(self, path: Path) -> None:
        """Leaves the task for a process to read; it holds a password."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: str) -> "Task":
        """The task in a file."""
        return cls(**json.loads(Path(path).read_text(encoding="utf-8")))


class Progress:
    """A count in a shared page of memory: told without a system call, so that telling costs a peer nothing."""

    def __init__(self, path: str | Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, mmap.PAGESIZE)
            self._page = mmap.mmap(descriptor, mmap.PAGESIZE)
        finally:
            os.close(descriptor)

    def add(self, count: int) -> None:
        """So many more events are settled for good."""
        _COUNTER.pack_into(self._page, 0, self.value + count)

    @property
    def value(self) -> int:
        """Events settled so far."""
        return int(_COUNTER.unpack_from(self._page, 0)[0])

    def close(self) -> None:
        """Lets the page go."""
        self._page.close()
