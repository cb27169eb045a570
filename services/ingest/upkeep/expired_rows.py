"""Deletes what pages and the API keep for a while only: search terms, answers to repeated requests, sign-in links."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.chassis.clock import Clock, utc_now
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest import metrics

SQL = load_statements(Path(__file__).with_suffix(".sql"))
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """How long rows of a table are kept, and the statement that deletes older ones."""

    table: str
    statement: str
    age: timedelta


KEPT = (
    Kept("search_term", "delete_search_terms", timedelta(days=30)),
    Kept("idempotency_key", "delete_idempotency_keys", timedelta(days=7)),
    Kept("sign_in_token", "delete_sign_in_tokens", timedelta(days=7)),
)


async def delete_expired(conn: Connection, *, clock: Clock = utc_now, batch: int = BATCH) -> int:
    """Deletes all that is over, `batch` rows a statement, each committed by itself; answers how many rows."""
    deleted = 0
    for kept in KEPT:
        before = clock() - kept.age
        while True:
            status = await conn.execute(SQL[kept.statement], before, batch)
            count = int(status.rpartition(" ")[2])
            metrics.SWEPT_ROWS.labels(kept.table).inc(count)
            deleted += count
            if count < batch:
                break
    return deleted
