"""Faust's consumer lives on a thread that may wait for our event loop; stopping it must leave the loop free."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from mode import Service
from mode.threads import WorkerThread
from mode.utils.locks import Event

from services.ingest.source.faust_consumer import BatchThread


async def test_a_consumer_thread_amid_a_rebalance_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def left_the_group(_self: Service) -> None:
        return

    monkeypatch.setattr(Service, "stop", left_the_group)
    answered = threading.Event()
    worker = WorkerThread(cast("Any", SimpleNamespace(_start_thread=lambda: answered.wait(5.0))))
    worker.start()
    asyncio.get_running_loop().call_later(0.05, answered.set)  # what a rebalance wants of the loop

    thread = BatchThread.__new__(BatchThread)
    thread._started = Event()
    thread._started.set()
    thread._thread = worker
    await thread.stop()

    assert answered.is_set()
    assert not worker.is_alive()
