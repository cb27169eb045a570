"""One file of a spool: written at its end, read from its start, and repaired after a crash."""

import contextlib
import logging
import os
from pathlib import Path

from bitacora_producer.spool_format import MAGIC, frames, has_magic

log = logging.getLogger(__name__)

SUFFIX = ".spool"
_sync = getattr(os, "fdatasync", os.fsync)


class Segment:
    """A file of frames. Everything below `end` is on the disk; `records` of it are still needed, `unread` not read."""

    def __init__(self, number: int, path: Path) -> None:
        self.number = number
        self.path = path
        self.end = 0
        self.records = 0
        self.unread = 0
        self.damaged = False
        self._file: int | None = None

    @classmethod
    def create(cls, folder: Path, number: int) -> "Segment":
        """Make a new file for appending; OSError when the disk does not take it."""
        segment = cls(number, folder / f"{number:020d}{SUFFIX}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        segment._file = os.open(segment.path, flags, 0o600)
        try:
            segment._write(MAGIC)
            sync_folder(folder)
        except OSError:
            segment.remove()
            raise
        segment.end = len(MAGIC)
        return segment

    @property
    def is_open(self) -> bool:
        """Whether it takes more."""
        return self._file is not None

    def append(self, chunk: bytes, records: int) -> None:
        """Put whole frames on the disk; OSError when it does not take them, and then the file is closed as it was."""
        try:
            self._write(chunk)
        except OSError:
            # After a failed sync nobody knows what of it is on the disk: this file is not appended to again.
            with contextlib.suppress(OSError):
                os.truncate(self.path, self.end)
            self.close()
            raise
        self.end += len(chunk)
        self.records += records
        self.unread += records

    def read(self, start: int) -> bytes:
        """Return what lies on the disk from `start` on."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(self.end - start)

    def close(self) -> None:
        """Take nothing more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def remove(self) -> None:
        """Delete it, or set it aside when part of it could not be read."""
        self.close()
        if self.damaged:
            self.path.rename(self.path.with_suffix(".damaged"))
        else:
            self.path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        _sync(self._file)


def recover(path: Path, skip: int, *, newest: bool) -> Segment:
    """Return the segment of a file that a former process left, its first `skip` bytes not needed any more.

    What lies behind the last whole record is cut off: a write that a crash tore, which nobody was told of. In a file
    that is not the newest it cannot be that, so there it is kept beside it, as `.damaged`.
    """
    segment = Segment(int(path.stem), path)
    data = path.read_bytes()
    segment.end = len(MAGIC) if has_magic(data) else 0
    for frame in frames(data) if segment.end else ():
        segment.end = frame.end
        segment.records += frame.end > skip
    segment.unread = segment.records
    if segment.end < len(data):
        log.log(
            logging.WARNING if newest else logging.ERROR,
            "spool file %s: %d of %d bytes are no whole record",
            path.name,
            len(data) - segment.end,
            len(data),
        )
        if not newest:
            path.with_suffix(".damaged").write_bytes(data[segment.end :])
        os.truncate(path, segment.end)
    return segment


def sync_folder(folder: Path) -> None:
    """Make sure that new names in the folder survive a loss of power."""
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
