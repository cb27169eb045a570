"""The prelude windows that connections set for themselves, as the rules of the fold know them."""

import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import msgspec

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.rules import Rules, WindowSince

SQL = load_statements(Path(__file__).with_suffix(".sql"))

REFRESH_SECONDS = 10.0
"""Far below the minute after which a change is in force (migration 0008), so every worker knows it by then."""


async def with_connections(conn: Connection, rules: Rules) -> Rules:
    """These rules with the windows of connections as the registry has them now."""
    windows: dict[tuple[int, str], list[WindowSince]] = defaultdict(list)
    for row in await conn.fetch(SQL["list_windows"]):
        window = None if row["seconds"] is None else timedelta(seconds=row["seconds"])
        windows[row["account_id"], row["connection_id"]].append(WindowSince(row["since"], window))
    return msgspec.structs.replace(rules, connections=dict(windows))


class CurrentRules:
    """The rules of an installation, with windows no older than REFRESH_SECONDS."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._read_at: float | None = None

    async def get(self, conn: Connection) -> Rules:
        """The rules for a batch; asks the database now and then, over the batch's own connection."""
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > REFRESH_SECONDS:
            self._rules = await with_connections(conn, self._rules)
            self._read_at = now
        return self._rules
