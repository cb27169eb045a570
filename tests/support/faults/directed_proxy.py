"""A connection to PostgreSQL that breaks with a COMMIT on its way, which never arrives."""

import asyncio

from tests.support.faults.proxy import _CHUNK, _COMMIT, FaultProxy, _Link


class CommitProxy(FaultProxy):
    """Also loses a COMMIT itself, where FaultProxy loses the answer to one."""

    def __init__(self, target: int) -> None:
        super().__init__(target)
        self._to_swallow: asyncio.Future[None] | None = None

    async def lose_commit(self, seconds: float) -> bool:
        """Swallows the next COMMIT and resets its connection; answers whether one came within the time given."""
        self._to_swallow = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(self._to_swallow, seconds)
        except TimeoutError:
            return False
        finally:
            self._to_swallow = None
        return True

    async def _upwards(self, link: _Link, reader: asyncio.StreamReader) -> None:
        swallowing = _Swallowing(self, reader)
        await super()._upwards(link, swallowing)  # type: ignore[arg-type]  # all that is asked of it is `read`

    def swallow(self, data: bytes) -> bool:
        """Whether this must not arrive."""
        waited = self._to_swallow
        if waited is None or waited.done() or _COMMIT not in data:
            return False
        waited.set_result(None)
        return True


class _Swallowing:
    def __init__(self, proxy: CommitProxy, reader: asyncio.StreamReader) -> None:
        self._proxy = proxy
        self._reader = reader

    async def read(self, size: int = _CHUNK) -> bytes:
        data = await self._reader.read(size)
        if self._proxy.swallow(data):
            raise ConnectionResetError
        return data
