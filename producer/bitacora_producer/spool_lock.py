"""Keeping a spool folder for one producer."""

import os
from pathlib import Path

from bitacora_producer.errors import SpoolLockedError


class FolderLock:
    """Holds a folder until `release`, or until the process ends in whatever way."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; SpoolLockedError when another producer has it, in this process or another."""
        import fcntl  # noqa: PLC0415 - POSIX only; without a spool the library needs no lock

        self._file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 20).decode("ascii", "replace")
            os.close(self._file)
            raise SpoolLockedError(f"{folder} is in use by process {holder or '?'}") from error
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Give the folder back. In a forked child this closes the child's copy only: the parent keeps the folder."""
        os.close(self._file)
