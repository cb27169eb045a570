"""Which accounts exist: an event of any other is refused."""

from collections.abc import Collection
from pathlib import Path

from services.chassis.postgres import Pool
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))


class Accounts:
    """The accounts by the name they have on the wire; read again when an unknown name turns up."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def find(self, accountid: str) -> int | None:
        """The account's number, None while it is not known here."""
        return self._ids.get(accountid)

    async def learn(self, pool: Pool, accountids: Collection[str]) -> None:
        """Makes sure that accounts made lately are known; asks the database only when a name is new."""
        if all(accountid in self._ids for accountid in accountids):
            return
        rows = await pool.fetch(SQL["find_accounts"])
        self._ids = {row["slug"]: row["account_id"] for row in rows}
