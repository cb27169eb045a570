"""Searches for personal data, kept under an opaque id so that addresses hold no name and no phone."""

import secrets
from pathlib import Path

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.query.auth.principal import Principal

SQL = load_statements(Path(__file__).with_suffix(".sql"))

_LONGEST_ID = 40


async def keep_term(conn: Connection, principal: Principal, term: str) -> str:
    """Keeps a term for this person and answers its id; the same term again has the same id. Empty: no id."""
    if not term or principal.user_id is None:
        return ""
    known = await conn.fetchval(SQL["find_id_of_term"], principal.account_id, principal.user_id, term)
    if known is not None:
        return str(known)
    term_id = secrets.token_urlsafe(9)
    await conn.execute(SQL["add_term"], principal.account_id, term_id, principal.user_id, term)
    return term_id


async def find_term(conn: Connection, principal: Principal, term_id: str) -> str | None:
    """The term of an id within the account, so that a link can be handed to a colleague; None: unknown."""
    if not term_id or len(term_id) > _LONGEST_ID:
        return None
    term: str | None = await conn.fetchval(SQL["find_term"], principal.account_id, term_id)
    return term
