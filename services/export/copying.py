"""A COPY out of the database straight into the store, packed on its way. Memory stays flat: a slow store slows the COPY down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from isal import isal_zlib

from services.chassis.blobs import BlobInfo, BlobStore
from services.chassis.postgres import Connection
from services.export.tools import OnProgress

Statement = tuple[str, tuple[object, ...]]
"""A query and its arguments."""

_QUEUE_CHUNKS = 16
_GZIP_LEVEL = 1
_GZIP_CONTAINER = 31  # window bits that ask for a gzip header


async def copy_to_store(
    conn: Connection,
    store: BlobStore,
    object_key: str,
    rows: Statement,
    on_progress: OnProgress,
    *,
    head: bytes = b"",
    gzip: bool = False,
    **options: Any,
) -> tuple[BlobInfo, int]:
    """Stores `head` and what the query gives; answers the file and its rows. `options` are those of COPY.

    Raises what database and store raise.
    """
    copied, chunks = _copy(conn, rows, on_progress, head, options, gzip=gzip)
    try:
        blob = await store.put(object_key, chunks)
        return blob, await copied
    finally:
        copied.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await copied


def _copy(
    conn: Connection,
    rows: Statement,
    on_progress: OnProgress,
    head: bytes,
    options: dict[str, Any],
    *,
    gzip: bool,
) -> tuple[asyncio.Task[int], AsyncIterator[bytes]]:
    """A running COPY that answers the number of rows, and the file's bytes as they come."""
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE_CHUNKS)
    packer = isal_zlib.compressobj(_GZIP_LEVEL, isal_zlib.DEFLATED, _GZIP_CONTAINER) if gzip else None
    lines = 0

    async def put(chunk: bytes) -> None:
        nonlocal lines
        lines += chunk.count(b"\n")
        on_progress(lines)
        await queue.put(chunk)

    async def copy() -> int:
        query, args = rows
        try:
            if head:
                await queue.put(head)
            tag = await conn.copy_from_query(query, *args, output=put, encoding="utf-8", **options)
        finally:
            await queue.put(None)
        return int(tag.split()[-1])

    async def chunks() -> AsyncIterator[bytes]:
        while (chunk := await queue.get()) is not None:
            data = packer.compress(chunk) if packer else chunk
            if data:
                yield data
        if packer:
            yield packer.flush()
        await copied  # a COPY that failed must not end as a finished file

    copied = asyncio.create_task(copy(), name="copy")
    return copied, chunks()
