"""Makes the full-text document of a conversation, once it has ended or gone quiet.

Writing a document again for every message would cost more than indexing messages, so documents are made
late; what is not in one yet is searched by reading the messages themselves (`services/readmodel/text.py`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from services.analysis import words
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))

QUIET = timedelta(minutes=10)
"""A conversation without a message for so long is taken to be over."""
LONGEST_WAIT = timedelta(hours=1)
"""A conversation that never goes quiet still gets a document this often."""
BATCH = 100

TouchedConversation = tuple[int, int, bool]
"""account_id, conv_key, whether it has ended."""


async def mark_dirty(conn: Connection, touched: Sequence[TouchedConversation]) -> None:
    """Queues conversations for a new document, inside the transaction that wrote their messages."""
    if touched:
        accounts, keys, ended = zip(*touched, strict=True)
        await conn.execute(SQL["mark_dirty"], accounts, keys, ended)


async def project_documents(
    conn: Connection,
    *,
    quiet: timedelta = QUIET,
    longest_wait: timedelta = LONGEST_WAIT,
    limit: int = BATCH,
) -> int:
    """Makes the documents of at most `limit` conversations that are due, in one transaction; how many."""
    due = await conn.fetch(SQL["take_due"], quiet, longest_wait, limit)
    if not due:
        return 0
    accounts = [row["account_id"] for row in due]
    keys = [row["conv_key"] for row in due]
    texts: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in await conn.fetch(SQL["read_texts"], accounts, keys):
        texts[row["account_id"], row["conv_key"]].append(row["plain_text"])
    made = [words.document_words(texts[account, key]) for account, key in zip(accounts, keys, strict=True)]
    async with conn.transaction():
        await conn.execute(
            SQL["write_documents"],
            accounts,
            keys,
            [
                " ".join(f"{account}:{word}" for word in found)
                for account, (found, _) in zip(accounts, made, strict=True)
            ],
            [truncated for _, truncated in made],
            words.VERSION,
        )
        await conn.execute(SQL["clear_dirty"], accounts, keys, [row["generation"] for row in due])
    return len(due)
