"""A TCP proxy that makes a network bad on request: late, cut, silent, or gone right after a COMMIT."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self

from embedded.ports import LOOPBACK

_CHUNK = 64 * 1024
_COMMIT = b"COMMIT;"
"""How asyncpg ends a transaction: a simple query, in one piece."""


@dataclass(slots=True, eq=False)
class _Link:
    """One connection: the client's side and the server's."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    muted: bool = False  # answers are thrown away

    def cut(self) -> None:
        """Resets both sides, as a dying host or an impatient firewall does."""
        for side in (self.client, self.server):
            found = side.get_extra_info("socket")
            if found is not None:
                with suppress(OSError):
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            side.transport.abort()


class FaultProxy:
    """Listens on `port` of the loopback address and passes on to `target`; an async context manager."""

    def __init__(self, target: int, *, port: int = 0) -> None:
        self.target = target
        self.port = port
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._delay = (0.0, 0.0)
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._commit_lost: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.sleep(0)

    def server_ports(self) -> set[int]:
        """The ports of our side towards the server: how the server knows these connections."""
        names = [link.server.get_extra_info("sockname") for link in self._links]
        return {name[1] for name in names if name is not None}

    def cut(self) -> int:
        """Resets every connection; answers how many there were. New ones are welcome."""
        links = list(self._links)
        for link in links:
            link.cut()
        return len(links)

    @asynccontextmanager
    async def slow(self, least: float, most: float) -> AsyncIterator[None]:
        """Every chunk of at most 64 KiB, either way, takes so many seconds, one after another: bandwidth falls too."""
        self._delay = (least, most)
        try:
            yield
        finally:
            self._delay = (0.0, 0.0)

    @asynccontextmanager
    async def silent(self) -> AsyncIterator[None]:
        """Connections stay and open, but nothing passes; it all passes afterwards."""
        self._flowing.clear()
        try:
            yield
        finally:
            self._flowing.set()

    async def lose_commit_answer(self, seconds: float) -> bool:
        """Lets the next COMMIT through and resets its connection once the server has answered, unheard.

        Answers whether one came within the time given.
        """
        lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._commit_lost = lost
        try:
            await asyncio.wait_for(lost, seconds)
        except TimeoutError:
            return False
        finally:
            self._commit_lost = None
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection(LOOPBACK, self.target)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, server_writer)
        self._links.add(link)
        try:
            await asyncio.gather(self._upwards(link, reader), self._downwards(link, server_reader))
        except (OSError, asyncio.IncompleteReadError):
            pass  # one side is gone, so the other goes
        finally:
            self._links.discard(link)
            link.cut()

    async def _upwards(self, link: _Link, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            await self._travel()
            if self._commit_lost is not None and not self._commit_lost.done() and _COMMIT in data:
                link.muted = True
            link.server.write(data)
            await link.server.drain()
        raise ConnectionResetError

    async def _downwards(self, link: _Link, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            if link.muted:
                if self._commit_lost is not None and not self._commit_lost.done():
                    self._commit_lost.set_result(None)
                raise ConnectionResetError
            await self._travel()
            link.client.write(data)
            await link.client.drain()
        raise ConnectionResetError

    async def _travel(self) -> None:
        least, most = self._delay
        if most:
            await asyncio.sleep(random.uniform(least, most))
        await self._flowing.wait()
