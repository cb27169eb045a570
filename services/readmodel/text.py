"""Finds conversations by words in their messages: settled ones by document, the rest by reading them."""

from collections import defaultdict
from pathlib import Path

from services.analysis import words
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))

NEWEST = 2**63 - 1
"""A key above every conversation."""
TAIL_CONVERSATIONS = 300
"""How many conversations without a document are read; beyond it the newest win."""


async def find_by_text(
    conn: Connection, account_id: int, text: str, *, from_key: int = 0, before_key: int = NEWEST, limit: int
) -> list[int]:
    """Keys of conversations in [from_key, before_key) that hold every word of `text`, newest first.

    At most `limit`; empty when the text has no words to look for (signs and emoji are none). Messages are
    found as soon as they are stored: a conversation whose document is not up to date is read instead.
    """
    terms = words.query_terms(text)[:16]
    if not terms:
        return []
    tail = await _read_tail(conn, account_id, from_key, before_key)
    keys = {key for key, texts in tail.items() if _holds(terms, texts)}
    # Documents of conversations in the tail are out of date: they are asked for, then left out.
    rows = await conn.fetch(SQL["find_documents"], account_id, terms, before_key, from_key, limit + len(tail))
    keys.update(row["key"] for row in rows if row["key"] not in tail)
    return sorted(keys, reverse=True)[:limit]


async def _read_tail(
    conn: Connection, account_id: int, from_key: int, before_key: int
) -> dict[int, list[str]]:
    tail: dict[int, list[str]] = defaultdict(list)
    rows = await conn.fetch(SQL["read_tail"], account_id, from_key, before_key, TAIL_CONVERSATIONS)
    for row in rows:
        tail[row["conv_key"]].append(row["plain_text"])
    return tail


def _holds(terms: list[str], texts: list[str]) -> bool:
    found, _ = words.document_words(texts)
    return all(
        any(word.startswith(term[:-1]) for word in found) if term.endswith("*") else term in found
        for term in terms
    )
