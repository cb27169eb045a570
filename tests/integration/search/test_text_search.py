"""Full text over messages on a real database: documents, what is not in one yet, and accounts kept apart."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.postgres import Connection, connect
from services.ingest.upkeep.search_projector import mark_dirty, project_documents
from services.readmodel.text import find_by_text

NEVER = timedelta(days=1)
DAY = (24 * 3600 * 1000) << 20


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Connection]:
    connection = await connect(database, application_name="test")
    yield connection
    await connection.close()


async def say(conn: Connection, key: int, *texts: str, account: int = 1, ended: bool = False) -> None:
    for text in texts:
        await conn.execute(
            "INSERT INTO message (account_id, conv_key, message_key, message_id, event_id, occurred_at,"
            " sort_at, position, kind, direction, sender_kind, plain_text)"
            " VALUES ($1, $2, $3, $4, $3, $5, $5, 0, 1, 1, 'customer', $6)",
            account, key, uuid.uuid4(), str(uuid.uuid4()), datetime(2026, 3, 1, tzinfo=UTC), text,
        )  # fmt: skip
    await mark_dirty(conn, [(account, key, ended)])


async def test_a_message_is_found_before_and_after_its_document_is_made(conn: Connection) -> None:
    await say(conn, 10, "La facturación de marzo", "hola", ended=True)
    await say(conn, 11, "Otra cosa", ended=True)
    assert await find_by_text(conn, 1, "FACTURACIONES", limit=5) == [10]
    assert await project_documents(conn) == 2
    assert await project_documents(conn) == 0
    assert await find_by_text(conn, 1, "facturacion marzo", limit=5) == [10]
    assert await find_by_text(conn, 1, "factur*", limit=5) == [10]
    assert await find_by_text(conn, 1, "factur", limit=5) == []


async def test_words_of_one_conversation_may_stand_in_different_messages(conn: Connection) -> None:
    await say(conn, 10, "pedido ABC-123", "no llegó", ended=True)
    await project_documents(conn)
    assert await find_by_text(conn, 1, "llego abc-123", limit=5) == [10]


async def test_a_new_message_is_found_though_an_older_document_exists(conn: Connection) -> None:
    await say(conn, 10, "primero", ended=True)
    await project_documents(conn)
    await say(conn, 10, "segundo")
    assert await find_by_text(conn, 1, "segundo primero", limit=5) == [10]


async def test_a_quiet_conversation_gets_its_document_and_a_lively_one_waits(conn: Connection) -> None:
    await say(conn, 10, "hola")
    assert await project_documents(conn, quiet=NEVER, longest_wait=NEVER) == 0
    assert await project_documents(conn, quiet=timedelta(0), longest_wait=NEVER) == 1


async def test_a_deleted_message_is_not_found(conn: Connection) -> None:
    await say(conn, 10, "secreto", ended=True)
    await conn.execute("UPDATE message SET deleted_at = now(), plain_text = '' WHERE conv_key = 10")
    assert await find_by_text(conn, 1, "secreto", limit=5) == []
    await project_documents(conn)
    assert await find_by_text(conn, 1, "secreto", limit=5) == []


async def test_no_account_finds_the_words_of_another(conn: Connection) -> None:
    await say(conn, 10, "palabra", account=1, ended=True)
    await say(conn, 11, "palabra", account=2)
    await say(conn, 12, "palabra", account=2, ended=True)
    await project_documents(conn)
    assert await find_by_text(conn, 1, "palabra", limit=5) == [10]
    assert await find_by_text(conn, 2, "palabra", limit=5) == [12, 11]
    assert await find_by_text(conn, 1, "2:palabra", limit=5) == []


async def test_pages_over_months_equal_one_unlimited_answer(conn: Connection) -> None:
    """400 conversations over three years; a word in each third, newest first, in pages by key."""
    for n in range(400):
        await say(conn, n * 3 * DAY + 1, "común" + (" tercero" if n % 3 == 0 else ""), ended=True)
    while await project_documents(conn):
        pass
    for word, step in (("comun", 1), ("tercero", 3)):
        expected = [n * 3 * DAY + 1 for n in range(400) if n % step == 0][::-1]
        assert await find_by_text(conn, 1, word, limit=1_000) == expected
        paged: list[int] = []
        while page := await find_by_text(conn, 1, word, limit=37, before_key=paged[-1] if paged else 2**62):
            paged.extend(page)
        assert paged == expected
    since = 200 * 3 * DAY
    assert min(await find_by_text(conn, 1, "tercero", limit=1_000, from_key=since)) >= since


@pytest.mark.parametrize("text", ["' | '", "''", "\\", "%%%", "___", "*", "👍", "", "a & b", "!(x)", ":*"])
async def test_signs_are_text_and_never_a_query(conn: Connection, text: str) -> None:
    await say(conn, 10, "hola", ended=True)
    await project_documents(conn)
    assert await find_by_text(conn, 1, text, limit=5) == []
