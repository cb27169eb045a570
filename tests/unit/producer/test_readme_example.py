"""The example of the producer's README runs as it stands, but for Kafka."""

import re
from pathlib import Path
from typing import Any

import pytest
from bitacora_producer import producer

from tests.support.memory_transport import MemoryTransport

README = Path(__file__).parents[3] / "producer" / "README.md"


def test_the_example_sends_four_events(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = MemoryTransport()

    def connect(*_: Any, **__: Any) -> MemoryTransport:
        return transport

    monkeypatch.setattr(producer, "KafkaTransport", connect)
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    exec(example, {})  # noqa: S102 - the README is ours
    assert [event["type"] for event in transport.events] == [
        "bitacora.message.received.v1",
        "bitacora.message.sent.v1",
        "bitacora.evaluation.answered.v1",
        "bitacora.conversation.ended.v1",
    ]
    assert transport.events[1]["data"]["message"]["reply_to"] == {"message_id": "wamid.X1"}
    assert transport.closed
