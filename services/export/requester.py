"""Who asked for an export, and whether that right still holds when the file is made."""

from pathlib import Path

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.export.job import Job
from services.export.outcome import PermanentFailure

SQL = load_statements(Path(__file__).with_suffix(".sql"))

_STATEMENTS = {"user": "find_user", "token": "find_token"}


async def find_requester(conn: Connection, job: Job) -> str:
    """The name of the person or token that asked.

    Raises PermanentFailure(not_permitted) when it is gone, disabled, or no longer holds the role it asked with.
    """
    kind, _, number = job.requested_by.partition(":")
    statement = _STATEMENTS.get(kind)
    if statement is None or not (number.isascii() and number.isdigit()):
        raise PermanentFailure("not_permitted", "the requester is neither a user nor a token")
    row = await conn.fetchrow(SQL[statement], job.account_id, int(number))
    if row is None or row["role"] is None:
        raise PermanentFailure("not_permitted", "the requester has no role in the account any more")
    if job.role == "admin" and row["role"] != "admin":
        raise PermanentFailure("not_permitted", "the requester is no longer an admin")
    name: str = row["name"]
    return name
