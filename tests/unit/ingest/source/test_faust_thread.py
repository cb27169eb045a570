"""Faust's consumer lives on a thread that may wait for our event loop; stopping it must leave the loop free."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka.errors import ConsumerStoppedError
from mode import Service
from mode.threads import MethodQueue, WorkerThread
from mode.utils.locks import Event

from services.ingest.source.faust_thread import BatchThread


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


async def test_what_a_thread_cancels_because_it_stops_is_no_cancelling_of_who_asked_for_it() -> None:
    began = asyncio.Event()

    async def never_answers() -> None:
        began.set()
        await asyncio.Event().wait()

    thread = BatchThread.__new__(BatchThread)
    thread.parent_loop = asyncio.get_running_loop()
    thread._crashed = Event()
    thread._method_queue = MethodQueue(num_workers=1)
    await thread._method_queue.start()
    asking = asyncio.create_task(thread.call_thread(never_answers))
    await began.wait()
    await thread._method_queue.stop()
    with pytest.raises(ConsumerStoppedError):
        await asking

    thread.leaving = True
    with pytest.raises(ConsumerStoppedError):
        await thread.call_thread(never_answers)
