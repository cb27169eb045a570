"""How a Kafka client is let go: it leaves its group within a bound, or the process ends without it."""

import asyncio
from collections.abc import Awaitable

import structlog

log = structlog.get_logger(__name__)

STOP_SECONDS = 7.0
"""For a client to leave its group. With the sink's bound on an open batch this stays below the grace period of the process."""


async def depart(client: str, leaving: Awaitable[None]) -> None:
    """Waits for a client's own stop, as long as the bound; raises what it raises.

    A client would wait for a broker that is away for as long as it takes. One that meets the cancelling of its own tasks
    while it stops has stopped.
    """
    stopping = asyncio.ensure_future(leaving)
    # Not wait_for, which would wait until the cancelling is done: clients swallow it.
    await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if not stopping.done():
        stopping.cancel()
        log.warning("client_did_not_stop", client=client, seconds=STOP_SECONDS)
    elif not stopping.cancelled():
        stopping.result()
