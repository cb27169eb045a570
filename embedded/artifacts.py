"""Fetches pinned Maven artifacts, each checked against the SHA-256 in `artifacts.lock`.

jgo knows the local repository, the remote ones and how a coordinate becomes a file name; the transfer is
ours, because jgo's own leaves half a file behind when it is cut and only warns when a check sum differs.
`python -m embedded.artifacts` writes the lock file anew after a version below was changed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jgo
import jgo.config
import jgo.constants
import jgo.maven
import jgo.util.http
import requests

from embedded.errors import DiskFullError, DownloadFailedError, HashMismatchError, is_disk_full
from embedded.progress import Progress, SilentProgress

KAFKA_VERSION = "4.3.0"
POSTGRES_VERSION = "18.4.0"
POSTGRES_PLATFORMS = ("linux-amd64", "linux-arm64v8", "darwin-amd64", "darwin-arm64v8")

_LOCK_FILE = Path(__file__).with_name("artifacts.lock")
_ENDPOINTS = {
    "kafka": f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36",
    **{
        f"postgres-{name}": f"io.zonky.test.postgres:embedded-postgres-binaries-{name}:{POSTGRES_VERSION}"
        for name in POSTGRES_PLATFORMS
    },
}
_CHUNK = 1 << 16
_TIMEOUT_SECONDS = 30
_TRANSFERS_AT_ONCE = 4
_HTTP_OK, _HTTP_PARTIAL, _HTTP_RANGE_BEYOND_END = 200, 206, 416


@dataclass(frozen=True, slots=True)
class LockedArtifact:
    """One jar: what it is and what it must hash to."""

    group: str
    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.group}:{self.name}:{self.version}"


def locked(section: str) -> list[LockedArtifact]:
    """The artifacts of a section of the lock file (`kafka`, `postgres-linux-amd64`), in class path order."""
    found: list[LockedArtifact] = []
    current = ""
    for line in _LOCK_FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif current == section and line.strip():
            coordinate, digest = line.split()
            group, name, version = coordinate.split(":")
            found.append(LockedArtifact(group, name, version, digest))
    return found


@dataclass(frozen=True, slots=True)
class ArtifactSource:
    """Where jars come from: a local repository in Maven's layout, filled from remote ones when it lacks
    a file.

    Both are what jgo's settings say (`M2_REPO`, its config file, the usual defaults) unless given;
    `spare` is the local repository of a user who cannot write to the usual one.
    """

    spare: Path
    local: Path | None = None
    remotes: Mapping[str, str] | None = None
    progress: Progress = field(default_factory=SilentProgress)

    def fetch(self, artifacts: Iterable[LockedArtifact]) -> list[Path]:
        """The files of `artifacts`, in their order, each with the right hash.

        Raises DownloadFailedError, HashMismatchError or DiskFullError. What arrived stays, so that a
        later call continues where this one failed. Processes that share a local repository wait for each
        other.
        """
        local = self.local or _writable(jgo.config.GlobalSettings.load().repo_cache, self.spare)
        context = self._context(local)
        with (
            held(local / ".bitacora.lock"),
            ThreadPoolExecutor(_TRANSFERS_AT_ONCE, thread_name_prefix="download") as pool,
        ):
            return list(pool.map(lambda artifact: self._fetch_one(context, artifact), artifacts))

    def _context(self, local: Path) -> Any:
        usual = {
            **jgo.config.GlobalSettings.load().repositories,
            "central": jgo.constants.MAVEN_CENTRAL_URL,
        }
        return jgo.maven.MavenContext(repo_cache=local, remote_repos=dict(self.remotes or usual))

    def _fetch_one(self, context: Any, artifact: LockedArtifact) -> Path:
        component = context.project(artifact.group, artifact.name).at_version(artifact.version)
        maven = component.artifact(packaging="jar")
        target = Path(maven.cached_path)
        try:
            if target.exists() and sha256_of(target) == artifact.sha256:
                return target
            target.parent.mkdir(parents=True, exist_ok=True)
            self._download(context, component, maven, target, artifact)
        except OSError as error:
            if is_disk_full(error):
                raise DiskFullError(target) from error
            raise
        return target

    def _download(
        self, context: Any, component: Any, maven: Any, target: Path, artifact: LockedArtifact
    ) -> None:
        part = target.with_name(f"{target.name}.{artifact.sha256[:12]}.part")
        reasons: list[str] = []
        for remote in context.remote_repos.values():
            url = f"{remote}/{component.path_prefix.as_posix()}/{maven.filename}"
            try:
                self._transfer(url, part, artifact.name)
            except (requests.RequestException, _RefusedError) as error:
                reasons.append(str(error) or type(error).__name__)
                continue
            digest = sha256_of(part)
            if digest != artifact.sha256:
                part.unlink()
                raise HashMismatchError(str(artifact), artifact.sha256, digest)
            part.replace(target)
            return
        raise DownloadFailedError(str(artifact), "; ".join(reasons))

    def _transfer(self, url: str, part: Path, name: str) -> None:
        """Appends to `part` what it lacks."""
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        response = jgo.util.http.get(url, stream=True, timeout=_TIMEOUT_SECONDS, headers=headers)
        with response:
            if have and response.status_code == _HTTP_RANGE_BEYOND_END:
                return  # it had arrived whole before the last run ended; the hash tells
            if response.status_code not in {_HTTP_OK, _HTTP_PARTIAL}:
                raise _RefusedError(f"the repository answered {response.status_code}")
            resumes = response.status_code == _HTTP_PARTIAL
            length = int(response.headers.get("content-length", 0))
            arrived = 0
            with self.progress.download(name, length) as advance, part.open("ab" if resumes else "wb") as out:
                for chunk in response.iter_content(_CHUNK):
                    out.write(chunk)
                    arrived += len(chunk)
                    advance(len(chunk))
            if arrived < length:
                raise _RefusedError("the connection was cut")


class _RefusedError(Exception):
    """One repository did not give the file."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def link_or_copy(source: Path, target: Path) -> None:
    """Makes `target` hold what `source` holds, sharing the blocks where both lie on one file system."""
    fresh = target.with_name(f"{target.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    try:
        os.link(source, fresh)
    except OSError:
        with source.open("rb") as read, fresh.open("wb") as write:
            while chunk := read.read(1 << 20):
                write.write(chunk)
    fresh.replace(target)


@contextlib.contextmanager
def held(lock: Path) -> Iterator[None]:
    """Holds a lock file; waits while another process holds it. The kernel lets it go when a holder dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _writable(repository: Path, spare: Path) -> Path:
    with contextlib.suppress(OSError):
        repository.mkdir(parents=True, exist_ok=True)
        if os.access(repository, os.W_OK):
            return repository
    spare.mkdir(parents=True, exist_ok=True)
    return spare


def write_lock() -> None:
    """Resolves every endpoint with jgo and writes the lock file."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for section, endpoint in _ENDPOINTS.items():
            lines.append(f"[{section}]")
            resolved = jgo.build(endpoint, cache_dir=Path(folder)).lockfile
            assert resolved is not None
            lines.extend(
                f"{dependency.groupId}:{dependency.artifactId}:{dependency.version} {dependency.sha256}"
                for dependency in resolved.dependencies
            )
            lines.append("")
    _LOCK_FILE.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write_lock()
