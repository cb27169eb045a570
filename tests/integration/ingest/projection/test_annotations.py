"""Annotations in the tables (docs/semantics.md §13): labels that the filter asks for, and items over many batches."""

from collections.abc import AsyncIterator

import pytest

from services.chassis.postgres import OwnConnection, connect
from services.ingest.projection.project import project
from services.readmodel.filters import ConversationFilter, compile_filter
from tests.support.delivery import RULES, add, deliver
from tests.support.scenarios import Line
from tests.support.tables import clear

LABELS = "SELECT labels FROM conversation ORDER BY started_at"


@pytest.fixture
async def conn(database: str) -> AsyncIterator[OwnConnection]:
    connection = await connect(database, application_name="test")
    yield connection
    await connection.close()


async def labels(conn: OwnConnection) -> list[list[str] | None]:
    """The keys of each conversation's labels, oldest conversation first."""
    found = [row["labels"] for row in await conn.fetch(LABELS)]
    return [None if each is None else [label["id"] for label in each] for each in found]


async def test_labels_follow_what_is_given_and_taken_back_batch_by_batch(conn: OwnConnection) -> None:
    line = Line()
    line.customer("m1", 0)
    line.annotated("a1", 1, "vip")
    line.annotated("a2", 1, "reclamo", "alta")
    line.annotated("a3", 1, "reclamo")
    line.annotated("a4", 1, "sigue", "llamar", kind="note")
    await deliver(conn, line.events, 1)
    assert await labels(conn) == [["reclamo", "vip"]]
    await add(conn, [line.annotated("a1", 2, "vip", None), line.annotated("a2", 2, "reclamo", None)])
    assert await labels(conn) == [["reclamo"]]
    await add(conn, [line.annotated("a3", 2, "reclamo", None), line.annotated("a1", 1.5, "vip")])
    assert await labels(conn) == [None]


async def test_an_item_stays_in_its_conversation_when_others_open(conn: OwnConnection) -> None:
    line = Line()
    line.customer("m1", 0)
    line.annotated("a1", 1, "vip")
    line.ended(2)
    line.customer("m2", 3)
    line.annotated("a1", 4, "oro")
    line.annotated("a2", 4, "tarde", of_message="m1")
    for size in (1, 2, 100):
        await deliver(conn, line.events, size)
        assert await labels(conn) == [["oro", "tarde"], None]


async def test_an_item_follows_its_conversation_to_another_sort_key(conn: OwnConnection) -> None:
    line = Line()
    opening = line.customer("m1", 0)
    line.annotated("a1", 1, "vip")
    await deliver(conn, [opening])
    taken = await conn.fetchval("SELECT conv_key FROM conversation")
    await clear(conn)
    other = Line("5511900000001")
    await deliver(conn, [other.customer("x", 0)])
    await conn.execute("UPDATE conversation SET conv_key = $1", taken)
    async with conn.transaction():
        await project(conn, line.events, RULES)
    assert await conn.fetchval("SELECT conv_key FROM annotation") == taken + 1
    assert await conn.fetchval("SELECT labels FROM conversation WHERE conv_key = $1", taken + 1) == [
        {"id": "vip"}
    ]


async def test_a_label_is_found_by_its_index(conn: OwnConnection) -> None:
    line = Line()
    for number in range(400):
        line.customer(f"m{number}", number * 10)
        line.ended(number * 10 + 1)
    line.annotated("a1", 4000, "vip")
    await deliver(conn, line.events)
    await conn.execute("ANALYZE conversation")
    wanted = compile_filter(ConversationFilter(labels=("vip", "oro")), 1)
    statement = f"SELECT c.conv_key FROM conversation c WHERE {wanted.sql}"
    assert len(await conn.fetch(statement, *wanted.args)) == 1
    plan = await conn.fetch(f"EXPLAIN {statement}", *wanted.args)
    assert "conversation_labels" in "\n".join(row[0] for row in plan)
