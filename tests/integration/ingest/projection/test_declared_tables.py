"""What subjects declare of their tables is what the database has."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.postgres import OwnConnection, connect
from services.ingest.projection.annotations.state import ANNOTATION
from services.ingest.projection.conversations.state import CONVERSATION
from services.ingest.projection.conversations.transfer_rows import TRANSFER
from services.ingest.projection.evaluations.state import EVALUATION
from services.ingest.projection.files.rows import FILE
from services.ingest.projection.messages.place import MESSAGE_PLACE
from services.ingest.projection.messages.replies_awaited import REPLY_PENDING
from services.ingest.projection.messages.rows import (
    MESSAGE,
    MESSAGE_REACTION,
    MESSAGE_REVISION,
    MESSAGE_STATUS,
)
from services.ingest.projection.registry import CLEARED_WITH_MESSAGES
from services.ingest.projection.table import Table
from services.ingest.projection.threads.state import THREAD
from services.ingest.projection.waiting.state import WAITING_MESSAGE

DECLARED: tuple[Table[Any], ...] = (
    THREAD,
    CONVERSATION,
    TRANSFER,
    EVALUATION,
    FILE,
    MESSAGE,
    MESSAGE_PLACE,
    REPLY_PENDING,
    MESSAGE_STATUS,
    MESSAGE_REVISION,
    MESSAGE_REACTION,
    WAITING_MESSAGE,
    ANNOTATION,
)
KEPT_BY_ANOTHER_SUBJECT = {("conversation", "labels")}
"""Columns that annotations keep on the conversation, so that lists can be filtered by them."""
KEPT_WITHOUT_MESSAGES = {"message_place", "reply_pending", "waiting_message"}
"""What knows a message id for ever, so that a repeat of it stands nowhere; no text is in them but waiting ones'."""

COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'projection' AND is_generated = 'NEVER'
"""


@pytest.fixture
async def conn(database: str) -> AsyncIterator[OwnConnection]:
    connection = await connect(database, application_name="test")
    yield connection
    await connection.close()


async def test_every_column_of_a_table_is_declared_and_every_declared_column_exists(
    conn: OwnConnection,
) -> None:
    columns: dict[str, set[str]] = {}
    for row in await conn.fetch(COLUMNS):
        columns.setdefault(row["table_name"], set()).add(row["column_name"])
    for table in DECLARED:
        others = {column for name, column in KEPT_BY_ANOTHER_SUBJECT if name == table.name}
        assert others <= columns[table.name], table.name
        assert set(table.columns) == columns[table.name] - others, table.name


async def test_retention_clears_every_table_that_hangs_on_messages(conn: OwnConnection) -> None:
    rows = await conn.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'message_key' "
        "WHERE c.relnamespace = 'projection'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    hanging = {row["relname"] for row in rows} - {"message"} - KEPT_WITHOUT_MESSAGES
    assert set(CLEARED_WITH_MESSAGES) == hanging
