"""The statements that the runbook hands to psql run on a database of this version, and change nothing."""

import asyncpg
import pytest

from tests.support.runbook_pages import Page, pages

WITH_STATEMENTS = [page for page in pages() if page.statements]


@pytest.mark.parametrize("page", WITH_STATEMENTS, ids=lambda page: str(page.name))
async def test_every_statement_runs_and_only_reads(page: Page, module_database: str) -> None:
    conn = await asyncpg.connect(module_database)
    try:
        for statement in page.statements:
            async with conn.transaction(readonly=True):
                await conn.fetch(statement)
    finally:
        await conn.close()


def test_there_are_statements_to_try() -> None:
    assert sum(len(page.statements) for page in WITH_STATEMENTS) > 10
