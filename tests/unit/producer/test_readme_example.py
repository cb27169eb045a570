"""The examples of the producer's README run as they stand, but for Kafka."""

import re
from pathlib import Path
from typing import Any

import pytest
from bitacora_producer import async_producer, producer

from tests.support.memory_transport import MemoryTransport

README = Path(__file__).parents[3] / "producer" / "README.md"


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> MemoryTransport:
    transport = MemoryTransport()

    def connect(*_: Any, **__: Any) -> MemoryTransport:
        return transport

    monkeypatch.setattr(producer, "KafkaTransport", connect)
    monkeypatch.setattr(async_producer, "KafkaTransport", connect)
    return transport


def run_example(number: int) -> None:
    examples = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(examples) == 2
    exec(examples[number], {})  # noqa: S102 - the README is ours


def test_the_example_sends_four_events(transport: MemoryTransport) -> None:
    run_example(0)
    assert [event["type"] for event in transport.events] == [
        "bitacora.message.received.v1",
        "bitacora.message.sent.v1",
        "bitacora.evaluation.answered.v1",
        "bitacora.conversation.ended.v1",
    ]
    assert transport.events[1]["data"]["message"]["reply_to"] == {"message_id": "wamid.X1"}
    assert transport.closed


def test_the_example_for_asyncio_sends_one(transport: MemoryTransport) -> None:
    run_example(1)
    assert [event["type"] for event in transport.events] == ["bitacora.message.received.v1"]
    assert transport.closed
