"""Files that a process makes for others to fetch, kept by key: a small protocol, and its folder on disk."""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK_BYTES = 256 * 1024
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*\Z")
_LONGEST_KEY = 500
_UNFINISHED = ".part-"


class BlobError(Exception):
    """A key is not usable or nothing is stored under it."""


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """What is stored under a key; `sha256` (hex) is known to the writer only, None in lists."""

    key: str
    size_bytes: int
    modified_at: datetime
    sha256: str | None = None


class BlobStore(Protocol):
    """Whole files by key. A key is `/`-separated words of letters, digits, `.`, `_` and `-`."""

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> BlobInfo:
        """Stores a stream; nobody sees the key before the last byte is durable.

        An older file of the key is replaced.
        """
        ...

    def open(self, key: str) -> AsyncIterator[bytes]:
        """The bytes stored under a key, in chunks.

        Raises BlobError at the first chunk when there are none.
        """
        ...

    async def info(self, key: str) -> BlobInfo | None:
        """Size and age of what is stored under a key, None when there is nothing."""
        ...

    async def delete(self, key: str) -> bool:
        """Removes a key; answers whether there was something. Safe to repeat."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """Every finished file whose key starts with `prefix`, by key."""
        ...


class FolderStore:
    """A BlobStore in a folder of this machine; the folder is made when first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> BlobInfo:
        """See BlobStore. The file is written beside its place, flushed to the disk, then renamed."""
        path = self._path(key)
        part = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
        digest = hashlib.sha256()
        size = 0
        file = await asyncio.to_thread(_create, part)
        try:
            try:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
                    digest.update(chunk)
                    size += len(chunk)
                await asyncio.to_thread(_flush, file)
            finally:
                await asyncio.to_thread(file.close)
            await asyncio.to_thread(_publish, part, path)
        except BaseException:
            part.unlink(missing_ok=True)  # also when cancelled: an unfinished file has no owner
            raise
        return BlobInfo(key=key, size_bytes=size, modified_at=datetime.now(UTC), sha256=digest.hexdigest())

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """See BlobStore."""
        path = self._path(key)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise BlobError(f"nothing is stored under {key}") from None
        try:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk
        finally:
            file.close()

    async def info(self, key: str) -> BlobInfo | None:
        """See BlobStore."""
        path = self._path(key)
        return await asyncio.to_thread(lambda: _describe(path, key) if path.is_file() else None)

    async def delete(self, key: str) -> bool:
        """See BlobStore."""
        path = self._path(key)
        return await asyncio.to_thread(_remove, path)

    async def list(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """See BlobStore. Reads the folder once, at the start."""
        for blob in await asyncio.to_thread(self._find, prefix):
            yield blob

    async def sweep_unfinished(self, older_than: datetime) -> int:
        """Removes what a killed writer left behind before `older_than`; answers how many files."""
        return await asyncio.to_thread(self._sweep, older_than)

    def _path(self, key: str) -> Path:
        if len(key) > _LONGEST_KEY or not _KEY.match(key):
            raise BlobError(f"{key[:80]!r} is not a usable key")
        return self._root / key

    def _find(self, prefix: str) -> Sequence[BlobInfo]:
        blobs = []
        for path in self._root.rglob("*"):
            key = path.relative_to(self._root).as_posix()
            if key.startswith(prefix) and not path.name.startswith(_UNFINISHED):
                try:
                    if path.is_file():
                        blobs.append(_describe(path, key))
                except FileNotFoundError:
                    continue  # removed while we looked
        return sorted(blobs, key=lambda blob: blob.key)

    def _sweep(self, older_than: datetime) -> int:
        removed = 0
        for path in self._root.rglob(f"{_UNFINISHED}*"):
            try:
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < older_than:
                    path.unlink()
                    removed += 1
            except FileNotFoundError:
                continue
        return removed


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _publish(part: Path, path: Path) -> None:
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself must survive a power cut
    finally:
        os.close(folder)


def _describe(path: Path, key: str) -> BlobInfo:
    stat = path.stat()
    return BlobInfo(key=key, size_bytes=stat.st_size, modified_at=datetime.fromtimestamp(stat.st_mtime, UTC))


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
