"""The producer for asyncio: the same events, in order, with backpressure, and never in the loop's way."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
from bitacora_producer import (
    AsyncProducer,
    AsyncReceipt,
    BufferFullError,
    ClosedError,
    Delivery,
    DeliveryError,
    FlushTimeoutError,
    InvalidEventError,
    Limits,
    Record,
    SpoolSettings,
    Thread,
)
from bitacora_schemas.events import decode_event

from tests.integration.producer.carrying import WAIT, working
from tests.integration.producer.unreliable_broker import Broker
from tests.support.memory_transport import MemoryTransport
from tests.unit.producer.test_producer import EVERY_FUNCTION

ANA = Thread("webchat", "site", "external", "ana")


def over(
    memory: MemoryTransport | None = None,
    *,
    limits: Limits | None = None,
    folder: Path | None = None,
    on_delivery: Callable[[Delivery], None] | None = None,
) -> AsyncProducer:
    return AsyncProducer(
        "nowhere",
        account="acme",
        connection="web",
        transport=memory,
        limits=limits,
        spool=None if folder is None else SpoolSettings(folder, after=0.05),
        on_delivery=on_delivery,
    )


def texts(broker: Broker) -> list[str]:
    values = [json.loads(record.value or b"") for record in broker.log]
    return [value["data"]["message"]["plain_text"] for value in values]


@pytest.mark.parametrize("name", EVERY_FUNCTION)
async def test_every_function_can_be_awaited(name: str) -> None:
    memory = MemoryTransport()
    async with over(memory) as producer:
        call = cast("Callable[[AsyncProducer], Awaitable[AsyncReceipt]]", EVERY_FUNCTION[name])
        if name == "conversation.started":
            with pytest.raises(ValueError, match="chatbot"):
                await call(producer)
            return
        receipt = await call(producer)
        assert (await receipt.wait(WAIT)).state == "acknowledged"
    (record,) = memory.records
    assert decode_event(record.value, record.headers).type == f"bitacora.{name}"


async def test_a_full_buffer_makes_callers_stand_in_line_while_the_loop_goes_on(broker: Broker) -> None:
    async with over(limits=Limits(records=3, wait=WAIT)) as producer:
        tasks = [
            asyncio.create_task(producer.send_record(Record("t", b"k", b"%d" % number, (), None)))
            for number in range(60)
        ]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0.002)
            broker.work(1)
        while broker.sent:
            broker.work(10)
        deliveries = await asyncio.gather(*[task.result() for task in tasks])
    assert [record.value for record in broker.log] == [b"%d" % number for number in range(60)]
    assert {delivery.state for delivery in deliveries} == {"acknowledged"}


async def test_who_waits_too_long_gets_the_named_error_and_nothing_was_taken(broker: Broker) -> None:
    async with over(limits=Limits(records=1, wait=0.05)) as producer:
        await producer.message_received(ANA, text="1")
        with pytest.raises(BufferFullError):
            await producer.message_received(ANA, text="2")
        with working(broker):
            await producer.flush(WAIT)
            await producer.message_received(ANA, text="3")
            await producer.close(WAIT)
    assert texts(broker) == ["1", "3"]


async def test_who_is_cancelled_in_line_leaves_nothing_behind(broker: Broker) -> None:
    async with over(limits=Limits(records=1, wait=WAIT)) as producer:
        await producer.message_received(ANA, text="1")
        waiting = asyncio.ensure_future(producer.message_received(ANA, text="2"))
        await asyncio.sleep(0.02)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with working(broker):
            await producer.message_received(ANA, text="3")
            await producer.close(WAIT)
    assert texts(broker) == ["1", "3"]


async def test_events_go_to_disk_while_kafka_is_away_and_come_back(broker: Broker, tmp_path: Path) -> None:
    broker.is_away = True
    told: list[Delivery] = []
    async with over(folder=tmp_path, on_delivery=told.append) as producer:
        receipts = [await producer.message_received(ANA, text=str(number)) for number in range(20)]
        assert {(await receipt.wait(WAIT)).state for receipt in receipts} == {"spooled"}
        assert producer.spooled == 20
        with pytest.raises(FlushTimeoutError) as caught:
            await producer.drain(0.05)
        assert (caught.value.waiting, caught.value.spooled) == ((), 20)
        broker.is_away = False
        with working(broker):
            await producer.drain(WAIT)
        await asyncio.sleep(0)
    assert texts(broker) == [str(number) for number in range(20)]
    assert [delivery.state for delivery in told] == ["spooled"] * 20 + ["acknowledged"] * 20


async def test_flush_names_what_is_on_its_way(broker: Broker) -> None:
    producer = await over().start()
    receipt = await producer.message_received(ANA, text="1")
    with pytest.raises(FlushTimeoutError) as caught:
        await producer.flush(0.02)
    assert caught.value.waiting == (receipt.event_id,)
    with pytest.raises(TimeoutError):
        await receipt.wait(0.02)
    with pytest.raises(DeliveryError) as lost:
        await producer.close(0.02)
    assert [type(one.error) for one in lost.value.failed] == [ClosedError]
    with pytest.raises(DeliveryError):
        await receipt.wait(WAIT)


async def test_what_ingest_would_refuse_is_refused_at_the_call() -> None:
    memory = MemoryTransport()
    async with over(memory) as producer:
        with pytest.raises(InvalidEventError):
            await producer.message_received(ANA, text="a\0b")
    assert memory.records == []


async def test_before_the_start_nothing_is_taken() -> None:
    with pytest.raises(ClosedError, match="start"):
        await over(MemoryTransport()).message_received(ANA, text="1")


async def test_an_error_in_the_block_is_not_hidden_by_a_failed_delivery() -> None:
    memory = MemoryTransport(error=OSError("away"))

    async def fail() -> None:
        async with over(memory) as producer:
            await producer.message_received(ANA, text="1")
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert memory.closed
