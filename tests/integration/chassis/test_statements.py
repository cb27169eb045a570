"""Every SQL statement of the services, held against a migrated database: no typo reaches production."""

from pathlib import Path

import asyncpg
import pytest

from services.chassis.postgres import connect
from services.chassis.sql import Statement, parse_statements

ROOT = Path(__file__).parents[3]
FILES = sorted(path for folder in ("services", "cli", "demo") for path in (ROOT / folder).rglob("*.sql"))


def statements_of(path: Path) -> list[Statement]:
    return parse_statements(path.read_text("utf-8"), source=str(path.relative_to(ROOT)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
async def test_every_statement_can_be_prepared(path: Path, module_database: str) -> None:
    refused: list[str] = []
    connection = await connect(module_database, application_name="bitacora-test")
    try:
        for statement in statements_of(path):
            if not statement.template:
                try:
                    await connection.prepare(statement.text)
                except asyncpg.PostgresError as error:
                    refused.append(f"{statement.name}: {error}")
    finally:
        await connection.close()
    assert refused == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_statement_says_why_it_exists(path: Path) -> None:
    assert [statement.name for statement in statements_of(path) if not statement.comment] == []


def test_there_are_statements_to_prepare() -> None:
    assert len(FILES) > 1
