"""A database's shape as comparable text, from its catalogue (the embedded PostgreSQL ships no pg_dump)."""

from pathlib import Path

from services.chassis.postgres import connect
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def describe(dsn: str) -> dict[str, str]:
    """Every object of the database: `kind name` -> its definition as PostgreSQL spells it."""
    # An empty search path makes PostgreSQL write every name with its schema.
    connection = await connect(dsn, application_name="bitacora-test", search_path="pg_catalog")
    try:
        found: dict[str, str] = {}
        for statement in SQL.values():
            for kind, name, definition in await connection.fetch(statement):
                found[f"{kind} {name}"] = definition
        return found
    finally:
        await connection.close()


def differences(left: dict[str, str], right: dict[str, str]) -> list[str]:
    """What one description has otherwise than the other, one object a line."""
    return [
        f"{name}: {left.get(name, 'absent')} / {right.get(name, 'absent')}"
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ]
