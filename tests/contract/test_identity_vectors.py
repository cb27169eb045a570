"""The identities that other languages compute too: each value is computed here a second time, by the words of the
contract and without our code.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from bitacora_schemas import ids
from bitacora_schemas.thread_key import thread_key

VECTORS = json.loads(
    (Path(__file__).parents[2] / "schemas" / "examples" / "identity_vectors.json").read_text("utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["thread_key"])
def test_thread_key_vector(vector: dict[str, str]) -> None:
    lines = ["bitacora:thread:v1"]
    lines += [vector[name] for name in ("accountid", "environment", "channel", "channel_address")]
    lines.append(f"{vector['contact_kind']}:{vector['contact_value']}")
    digest = hashlib.sha256("\n".join(lines).encode()).digest()[:24]
    expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    given = {name: text for name, text in vector.items() if name != "expected"}
    assert vector["expected"] == expected == thread_key(**given)
    assert len(expected) == 32


@pytest.mark.parametrize("vector", VECTORS["event_id"], ids=lambda vector: vector["about"])
def test_event_id_vector(vector: dict[str, Any]) -> None:
    time = None if vector["time"] is None else datetime.fromisoformat(vector["time"])
    expected = UUID(vector["expected"])
    assert ids.event_id_v8(vector["recipe"], time) == expected
    assert (expected.version, expected.variant) == (8, "specified in RFC 4122")
    assert expected.int >> 80 == (0 if time is None else round(time.timestamp() * 1000))
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256("\n".join(vector["recipe"]).encode()).digest())
    assert f"{expected.int & ((1 << 76) - 1):076b}" == bits[:12] + "10" + bits[12:74]


@pytest.mark.parametrize("vector", VECTORS["conversation_id"])
def test_conversation_id_vector(vector: dict[str, str]) -> None:
    namespace = uuid5(NAMESPACE_URL, "urn:bitacora:v1")
    assert str(namespace) == VECTORS["namespace"]
    expected = uuid5(namespace, f"{vector['thread_key']}\n{vector['opening_event_id']}")
    found = ids.conversation_id(vector["thread_key"], UUID(vector["opening_event_id"]))
    assert vector["expected"] == str(expected) == str(found)


@pytest.mark.parametrize("vector", VECTORS["contact_id"])
def test_contact_id_vector(vector: dict[str, Any]) -> None:
    namespace = uuid5(NAMESPACE_URL, "urn:bitacora:v1")
    expected = uuid5(namespace, f"{vector['accountid']}\n{vector['smallest']}")
    identifiers = [ids.ContactIdentifier(**identifier) for identifier in vector["identifiers"]]
    for order in (identifiers, identifiers[::-1]):
        assert str(ids.contact_id(vector["accountid"], order)) == vector["expected"] == str(expected)


@pytest.mark.parametrize("vector", VECTORS["conv_key"])
def test_conv_key_vector(vector: dict[str, Any]) -> None:
    started_at = datetime.fromisoformat(vector["started_at"])
    conversation = UUID(vector["conversation_id"])
    millis = max(0, int(started_at.timestamp() * 1000) - 1_500_000_000_000)
    expected = millis * 2**20 + int(conversation.hex[:5], 16)
    assert ids.conv_key(started_at, conversation) == vector["expected"] == expected
    assert 0 <= expected < 2**63


@pytest.mark.parametrize("vector", VECTORS["message_key"])
def test_message_key_vector(vector: dict[str, str]) -> None:
    thread = base64.urlsafe_b64decode(vector["thread_key"])[:8]
    message = hashlib.sha256(vector["message_id"].encode()).digest()[:8]
    assert ids.message_key(vector["thread_key"], vector["message_id"]).bytes == thread + message
    assert vector["expected"] == str(UUID(bytes=thread + message))


def test_a_conversation_of_the_last_accepted_year_still_has_a_sort_key() -> None:
    assert 0 < ids.conv_key(datetime(2199, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1)) < 2**63
