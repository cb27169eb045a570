"""The proxy of the drill does to connections what it says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.support.faults.proxy import FaultProxy


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """The port of a server that says everything again."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_it_passes_bytes_on_and_resets_connections_when_told() -> None:
    async with echo() as port, FaultProxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hola")
        assert await asyncio.wait_for(reader.readexactly(4), 10) == b"hola"
        assert len(proxy.server_ports()) == 1
        assert proxy.cut() == 1
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), 10)
        writer.transport.abort()


async def test_a_silent_proxy_loses_nothing() -> None:
    async with echo() as port, FaultProxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        async with proxy.silent():
            writer.write(b"hola")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.readexactly(4), 0.3)
        assert await asyncio.wait_for(reader.readexactly(4), 10) == b"hola"
        writer.transport.abort()


async def test_a_lost_commit_answer_leaves_the_transaction_committed(database: str) -> None:
    server = int(database.rpartition(":")[2].partition("/")[0])
    direct = await asyncpg.connect(database)
    await direct.execute("CREATE TABLE public.written (id integer)")
    async with FaultProxy(server) as proxy:
        conn = await asyncpg.connect(database.replace(f":{server}/", f":{proxy.port}/"))
        losing = asyncio.create_task(proxy.lose_commit_answer(20))
        await asyncio.sleep(0)
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            async with conn.transaction():
                await conn.execute("INSERT INTO public.written VALUES (1)")
        assert await losing
        conn.terminate()
    assert await direct.fetchval("SELECT count(*) FROM public.written") == 1
    await direct.close()
