"""What can go wrong around the embedded stack, each with a name and with words for a person at a terminal."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path


class EmbeddedError(RuntimeError):
    """Base of every refusal of the embedded stack; `str()` is one or two lines meant for a person."""


class DiskFullError(EmbeddedError):
    """The file system that holds the stack has no room left."""

    def __init__(self, path: Path) -> None:
        free = shutil.disk_usage(existing_parent(path)).free // 1_000_000
        super().__init__(
            f"The disk is full: {free} MB free where {path} lies. Free some space and start again."
        )
        self.path = path


class PortTakenError(EmbeddedError):
    """A port that was asked for belongs to another program."""

    def __init__(self, what: str, port: int) -> None:
        super().__init__(
            f"Port {port}, wanted for {what}, is taken by another program. "
            "Stop that program or choose another port."
        )
        self.port = port


class DownloadFailedError(EmbeddedError):
    """A file could not be fetched; what had arrived is kept, so the next run continues from there."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Could not download {name}: {reason}. Run the same command again; it resumes.")
        self.name = name


class HashMismatchError(EmbeddedError):
    """A file arrived whole but is not the one that the lock file names; it was thrown away."""

    def __init__(self, name: str, expected: str, actual: str) -> None:
        super().__init__(
            f"{name} is not the file we expect: its SHA-256 is {actual}, not {expected}. It was deleted."
        )
        self.name = name


class DataInUseError(EmbeddedError):
    """Another running stack owns the folder."""

    def __init__(self, home: Path, owner: str) -> None:
        super().__init__(
            f"{home} is in use by another running stack ({owner}). "
            "Stop that one first, or choose another folder with --home."
        )
        self.home = home


class StartFailedError(EmbeddedError):
    """A child process ended, or stayed silent for too long, before it was ready."""

    def __init__(self, name: str, reason: str, log: Path, tail: str = "") -> None:
        shown = f"\n{tail}" if tail else ""
        super().__init__(f"{name} did not start: {reason}. Its log is {log}{shown}")
        self.name = name
        self.log = log


class UnsupportedPlatformError(EmbeddedError):
    """There are no binaries for this machine; outside services can be used instead."""


def existing_parent(path: Path) -> Path:
    """The nearest ancestor of `path` (or itself) that exists."""
    candidate = path.absolute()
    while not candidate.exists() and candidate != candidate.parent:
        candidate = candidate.parent
    return candidate


def is_disk_full(error: OSError) -> bool:
    """Whether an operating system error means that no room is left."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}
