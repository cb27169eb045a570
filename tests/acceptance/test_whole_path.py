"""The whole product, used as its users do: published by the library, read over HTTP, exported, printed, ended."""

from __future__ import annotations

import csv
import io
import json
import random
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from bitacora_producer import Producer, Thread
from bitacora_schemas.events.blocks import Actor, Contact
from bitacora_schemas.events.evaluation import EvaluationAnswered
from bitacora_schemas.events.message import MessageReceived, MessageSent

from demo.cast import make_customer
from demo.teller import Happening
from demo.traffic import past_happenings
from tests.support.memory_transport import MemoryTransport
from tests.support.running_stack import RunningStack, bitacora, wait_until
from tests.support.told import NOW


class Api:
    """The JSON API with a token."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base + "/api/v1"
        self._token = token

    def raw(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(  # noqa: S310  an address of the stack's own
            self._base + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  the same
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def get(self, path: str) -> Any:
        status, body = self.raw(path)
        assert status == 200, body
        return json.loads(body)

    def all(self, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.get(f"{path}{'&' if '?' in path else '?'}limit=200{cursor}")
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = f"&cursor={page['next_cursor']}"

    def export(self, body: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Asks, waits, downloads."""
        status, answer = self.raw("/exports", body)
        assert status == 202, answer
        path = f"/exports/{json.loads(answer)['id']}"
        wait_until(lambda: self.get(path)["state"] not in {"queued", "running"}, 30)
        job = self.get(path)
        assert job["state"] == "succeeded", job
        return job, self.raw(path + "/file")[1]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path_factory.mktemp("path") / "home", "--ephemeral").wait_running()
    yield running
    assert running.interrupt() == 0


@pytest.fixture(scope="module")
def run(stack: RunningStack) -> Callable[..., Any]:
    """Runs a command on the stack; what it printed, read as JSON where it is."""

    def command(*arguments: str) -> Any:
        outcome = bitacora(*arguments, extra={"BITACORA_EMBEDDED_HOME": str(stack.home)})
        assert outcome.returncode == 0, outcome.stderr
        return json.loads(outcome.stdout) if "--json" in arguments else outcome.stdout

    return command


@pytest.fixture(scope="module")
def api(stack: RunningStack, run: Callable[..., Any]) -> Api:
    run("account", "create", "acme", "--name", "Acme")
    token = run("token", "create", "--account", "acme", "--role", "admin", "--json")["token"]
    return Api(stack.env()["base_url"], token)


def test_a_person_s_day_from_message_to_transcript(stack: RunningStack, api: Api) -> None:
    thread = Thread("whatsapp", "106540352242922", "wa_id", "5511900000000")
    at = datetime.now(UTC) - timedelta(minutes=10)
    minute = timedelta(minutes=1)
    bootstrap = stack.env()["kafka_bootstrap"]
    with Producer(bootstrap, account="acme", connection="wa-5511") as producer:
        producer.message_received(
            thread, text="¿Dónde está mi pedido?", message_id="m1", contact=Contact(name="Ana Núñez"), time=at
        )
        producer.message_sent(
            thread,
            text="Ya lo reviso 👋",
            message_id="m2",
            sender=Actor(kind="bot", id="clara", name="Clara"),
            time=at + minute,
        )
        producer.flush()
        wait_until(lambda: [i["interactions"]["total"] for i in api.all("/conversations?q=nunez")] == [2], 20)
        (item,) = api.all("/conversations?q=%2B55%2011%2090000-0000")
        assert (item["contact"]["name"], item["contact"]["phone"]) == ("Ana Núñez", "+5511900000000")
        assert (item["status"], item["duration_seconds"]) == ("open", 60)
        assert [i["id"] for i in api.all("/conversations?text=donde")] == [item["id"]]

        first = f"/conversations/{item['id']}"
        assert api.raw(first + "/end", {}, **{"Idempotency-Key": "one"})[0] == 202
        assert api.raw(first + "/end", {}, **{"Idempotency-Key": "one"})[0] == 202, "the same answer again"
        wait_until(lambda: api.get(first)["status"] == "ended", 20)
        assert api.get(first)["end"]["reason"] == "operator"
        assert api.raw(first + "/end", {}, **{"Idempotency-Key": "two"})[0] == 409

        producer.message_received(thread, text="Otra pregunta", message_id="m3", time=datetime.now(UTC))
        producer.flush()
        wait_until(lambda: len(api.all("/conversations?q=nunez")) == 2, 20)
    newest, ended = api.all("/conversations?q=nunez")
    assert (newest["status"], ended["id"], ended["status"]) == ("open", item["id"], "ended")
    texts = [e["plain_text"] for e in api.get(first + "/history")["items"] if e["kind"] == "message"]
    assert texts == ["¿Dónde está mi pedido?", "Ya lo reviso 👋"], "the ended one stays readable"

    _, pdf = api.export({"format": "pdf", "conversation_id": item["id"]})
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "¿Dónde está mi pedido?" in printed
    assert "Clara" in printed


def test_a_thousand_mixed_events_read_back_as_they_happened(
    api: Api, run: Callable[..., Any], tmp_path: Path
) -> None:
    """What the API must say follows from the stories themselves, not from our own fold."""
    run("account", "create", "mixed")
    token = run("token", "create", "--account", "mixed", "--role", "admin", "--json")["token"]
    mixed = Api(api._base.removesuffix("/api/v1"), token)
    stories = past_happenings(
        random.Random(4), [make_customer(n) for n in range(40)], NOW, weeks=3, conversations=80
    )
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"\n".join(_records(stories)))
    assert len(stories) > 1_000
    run("produce", str(file))
    wait_until(lambda: run("lag", "--json")["total"] == 0, 60)
    time.sleep(0.5)  # lag counts what is committed; the newest batch is by now

    expected = _expected(stories)
    items = mixed.all("/conversations")
    assert Counter(item["thread_key"] for item in items) == {
        k: v["conversations"] for k, v in expected.items() if v["conversations"]
    }
    for key, facts in expected.items():
        mine = [item for item in items if item["thread_key"] == key]
        for kind in ("customer", "assistant", "human"):
            assert sum(item["interactions"][kind] for item in mine) == facts[kind], kind
        assert sorted(s for item in mine for s in item["scores"].values() if s is not None) == sorted(
            facts["scores"]
        )
    job, data = mixed.export({"format": "csv", "filter": {}, "profile": "data", "masked": False})
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert job["rows"] == len(items)
    assert run("dead-letters", "list", "--json") == []


def test_another_account_sees_nothing_of_it(api: Api, run: Callable[..., Any]) -> None:
    run("account", "create", "other")
    token = run("token", "create", "--account", "other", "--role", "admin", "--json")["token"]
    other = Api(api._base.removesuffix("/api/v1"), token)
    assert other.all("/conversations") == []
    item = api.all("/conversations")[0]
    for path in ("", "/history", "/files"):
        assert other.raw(f"/conversations/{item['id']}{path}")[0] == 404
    assert other.raw(f"/conversations/{item['id']}/end", {}, **{"Idempotency-Key": "x"})[0] == 404


def _records(stories: list[Happening]) -> Iterator[bytes]:
    for fact in stories:
        transport = MemoryTransport()
        producer = Producer(
            account="mixed",
            connection=fact.customer.desk.connection,
            environment=fact.environment,
            transport=transport,
        )
        producer.publish(fact.data, time=fact.happened_at or fact.at, recordedtime=fact.at)
        yield transport.records[0].value or b""


def _expected(stories: list[Happening]) -> dict[str, dict[str, Any]]:
    """By thread: stories with a customer's message, messages by sender, scores."""
    found: dict[str, dict[str, Any]] = {}
    open_threads: set[str] = set()
    for fact in stories:
        key = fact.data.thread.key("mixed", fact.environment)
        facts = found.setdefault(
            key, {"conversations": 0, "customer": 0, "assistant": 0, "human": 0, "scores": []}
        )
        data = fact.data
        if isinstance(data, MessageReceived):
            facts["customer"] += 1
            if key not in open_threads and fact.happened_at is None:
                open_threads.add(key)
                facts["conversations"] += 1
        elif isinstance(data, MessageSent) and data.message.sender.kind in {"bot", "human"}:
            facts["assistant" if data.message.sender.kind == "bot" else "human"] += 1
        elif isinstance(data, EvaluationAnswered):
            facts["scores"].append(data.score)
        elif type(data).__name__ == "ConversationEnded":
            open_threads.discard(key)
    return found
