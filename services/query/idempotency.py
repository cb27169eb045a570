"""Answers a request that carries an Idempotency-Key once, and gives repeats the same answer."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.query.problems import ApiProblem

SQL = load_statements(Path(__file__).with_suffix(".sql"))

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,200}\Z")


class Request(Struct, frozen=True, kw_only=True):
    """What makes two requests the same: who sent them, their key, and what they ask (`content`)."""

    account_id: int
    actor: str
    key: str | None
    content: bytes


class Once:
    """The one answer of a request: `earlier` holds it when it was given before."""

    def __init__(self, conn: Connection, request: Request, earlier: Any | None) -> None:
        self._conn = conn
        self._request = request
        self.earlier = earlier

    async def store(self, status: int, response: Any) -> None:
        """Keeps the answer for repeats, in the caller's transaction."""
        request = self._request
        if request.key is not None:
            await self._conn.execute(
                SQL["store_answer"], request.account_id, request.actor, request.key,
                _digest(request), status, response,
            )  # fmt: skip


@asynccontextmanager
async def answer_once(conn: Connection, request: Request) -> AsyncIterator[Once]:
    """Inside a transaction: makes repeats wait for each other, and finds the earlier answer.

    Raises ApiProblem(idempotency_key_reused) when the key came with another request, bad_parameter for a key
    that cannot be one.
    """
    earlier = None
    if request.key is not None:
        if not _KEY.match(request.key):
            raise ApiProblem("bad_parameter", f"{HEADER} must be 1 to 200 visible ASCII characters")
        await conn.execute(SQL["lock_key"], f"{request.account_id}\n{request.actor}\n{request.key}")
        row = await conn.fetchrow(SQL["find_answer"], request.account_id, request.actor, request.key)
        if row is not None:
            if row["request_hash"] != _digest(request):
                raise ApiProblem("idempotency_key_reused")
            earlier = row["response"]
    yield Once(conn, request, earlier)


def _digest(request: Request) -> bytes:
    return hashlib.sha256(request.content).digest()
