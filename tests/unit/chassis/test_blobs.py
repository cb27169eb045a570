import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.blobs import BlobError, BlobStore, FolderStore


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(store: BlobStore, key: str) -> bytes:
    return b"".join([chunk async for chunk in store.open(key)])


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A store in a folder that does not exist yet."""
    return FolderStore(tmp_path / "blobs")


async def test_what_is_put_can_be_read_back(store: FolderStore) -> None:
    info = await store.put("exports/1/a.csv", chunks(b"one,", b"two"))
    assert await read(store, "exports/1/a.csv") == b"one,two"
    assert (info.size_bytes, info.sha256) == (7, hashlib.sha256(b"one,two").hexdigest())


async def test_a_key_is_invisible_until_it_is_whole(store: FolderStore, tmp_path: Path) -> None:
    half_way = asyncio.Event()
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"half"
        half_way.set()
        await go_on.wait()
        yield b"whole"

    writing = asyncio.create_task(store.put("a", slow()))
    await asyncio.wait_for(half_way.wait(), 5)
    assert await store.info("a") is None
    assert [blob async for blob in store.list()] == []
    go_on.set()
    await writing
    assert await read(store, "a") == b"halfwhole"


async def test_a_failed_put_leaves_nothing_behind(store: FolderStore, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    await store.put("a", chunks(b"before"))
    with pytest.raises(ConnectionResetError):
        await store.put("a", broken())
    assert await read(store, "a") == b"before"
    assert [path.name for path in (tmp_path / "blobs").iterdir()] == ["a"]


async def test_a_cancelled_put_leaves_nothing_behind(store: FolderStore, tmp_path: Path) -> None:
    started = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        started.set()
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    writing = asyncio.create_task(store.put("a", endless()))
    await asyncio.wait_for(started.wait(), 5)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert list((tmp_path / "blobs").iterdir()) == []


async def test_deleting_is_safe_to_repeat(store: FolderStore) -> None:
    await store.put("a", chunks(b"x"))
    assert await store.delete("a")
    assert not await store.delete("a")
    with pytest.raises(BlobError):
        await read(store, "a")


async def test_lists_are_by_key_and_prefix(store: FolderStore) -> None:
    for key in ("b/2", "a/1", "b/1", "bb"):
        await store.put(key, chunks(b"x"))
    assert [blob.key async for blob in store.list()] == ["a/1", "b/1", "b/2", "bb"]
    assert [blob.key async for blob in store.list("b/")] == ["b/1", "b/2"]


@pytest.mark.parametrize(
    "key", ["", "../x", "/etc/x", "a/../b", "a//b", ".hidden", "a\0b", "a\n", "a" * 600, "a/."]
)
async def test_a_key_cannot_leave_the_folder(store: FolderStore, key: str) -> None:
    with pytest.raises(BlobError):
        await store.put(key, chunks(b"x"))
    with pytest.raises(BlobError):
        await read(store, key)


async def test_leftovers_of_a_killed_writer_are_swept(store: FolderStore, tmp_path: Path) -> None:
    await store.put("a", chunks(b"x"))
    (tmp_path / "blobs" / ".part-dead").write_bytes(b"half")
    now = datetime.now(UTC)
    assert await store.sweep_unfinished(now - timedelta(hours=1)) == 0
    assert await store.sweep_unfinished(now + timedelta(hours=1)) == 1
    assert await read(store, "a") == b"x"
