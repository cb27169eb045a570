"""How a Kafka client is let go: it leaves its group within a bound, or the process ends without it."""

import asyncio
from collections.abc import Awaitable

import structlog

log = structlog.get_logger(__name__)

STOP_SECONDS = 7.0
"""For a client to leave its group. With the sink's bound on an open batch this stays below the grace period of the process."""


async def depart(client: str, leaving: Awaitable[None]) -> None:
    """Waits for a client's own stop, as long as the bound; raises what it raises.

    A client would wait for a broker that is away for as long as it takes. A stop that broke off as cancelled, although nobody
    cancelled it, is no crash either: what it was to do, Kafka does when the session ends.
    """
    stopping = asyncio.ensure_future(leaving)
    # Not wait_for, which would wait until the cancelling is done: clients swallow it.
    await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if stopping.done() and not stopping.cancelled():
        stopping.result()
        return
    log.warning("client_did_not_stop", client=client, seconds=STOP_SECONDS, broke_off=stopping.done())
    stopping.cancel()


async def stopped(stopping: Awaitable[None]) -> None:
    """Waits for the stop of an aiokafka client; raises what it raises.

    Once it has left its group it cancels its fetches and waits for them. One that has not begun yet ends the stop as
    cancelled, and then it has stopped.
    """
    end = asyncio.ensure_future(stopping)
    await asyncio.wait({end})
    if not end.cancelled():
        end.result()
