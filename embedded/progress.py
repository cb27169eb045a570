"""How a start tells what it is doing: bars on a terminal, plain lines elsewhere, silence in tests."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

_WORTH_A_LINE = 2_000_000

Advance = Callable[[int], None]


class Progress(Protocol):
    """What a start reports; safe to call from several threads."""

    def note(self, text: str) -> None:
        """One thing that is being done, in a few words."""

    def download(self, name: str, total_bytes: int) -> AbstractContextManager[Advance]:
        """A transfer that begins; the value takes the bytes that arrived since its last call."""


class SilentProgress:
    """Says nothing."""

    def note(self, text: str) -> None:
        pass

    @contextmanager
    def download(self, name: str, total_bytes: int) -> Iterator[Advance]:
        yield lambda _arrived: None


class LineProgress:
    """One plain line a step, for logs and pipes."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr

    def note(self, text: str) -> None:
        print(text, file=self._out, flush=True)

    @contextmanager
    def download(self, name: str, total_bytes: int) -> Iterator[Advance]:
        if total_bytes >= _WORTH_A_LINE:
            self.note(f"Downloading {name} ({total_bytes / 1_000_000:.0f} MB)")
        yield lambda _arrived: None


class TerminalProgress:
    """Bars while something is fetched; a context manager that leaves the terminal as it was."""

    def __init__(self, console: Console) -> None:
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._lock = threading.Lock()
        self._transfers = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._bars.stop()

    def note(self, text: str) -> None:
        self._bars.console.print(f"[dim]{text}[/dim]")

    @contextmanager
    def download(self, name: str, total_bytes: int) -> Iterator[Advance]:
        self._count(1)
        task = self._bars.add_task(name, total=total_bytes)
        try:
            yield lambda arrived: self._bars.advance(task, arrived)
        finally:
            self._bars.remove_task(task)
            self._count(-1)

    def _count(self, change: int) -> None:
        """Draws only while something moves: a stack runs for days after its downloads."""
        with self._lock:
            self._transfers += change
            if self._transfers == 0:
                self._bars.stop()
            elif not self._bars.live.is_started:
                self._bars.start()
