"""What rows of fields say about the database is true: their expressions run, and the indexes they lean on are there."""

from collections.abc import AsyncIterator

import pytest
from bitacora_schemas.exports.formats import CsvSpec, Profile

from services.chassis.postgres import Connection, connect
from services.export.renderers.csv import statement
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.filters import Fragment
from services.readmodel.summaries import facets_statement
from tests.support.fields import WITH_ONE_MORE, asked_alone, compiled

EVERYTHING = Fragment("c.account_id = $1", (1,))


@pytest.fixture
async def conn(module_database: str) -> AsyncIterator[Connection]:
    connection = await connect(module_database, application_name="test-fields")
    yield connection
    await connection.close()


async def test_every_condition_can_be_prepared(conn: Connection) -> None:
    for question in WITH_ONE_MORE.questions:
        for params, _ in asked_alone(question):
            await conn.prepare(f"SELECT FROM conversation c WHERE {compiled(params, WITH_ONE_MORE).sql}")


@pytest.mark.parametrize("profile", ["spreadsheet", "data"])
async def test_every_column_and_facet_can_be_prepared(conn: Connection, profile: Profile) -> None:
    text, _ = statement(CsvSpec(profile=profile), EVERYTHING, fields=WITH_ONE_MORE)
    assert len((await conn.prepare(text)).get_attributes()) == len(WITH_ONE_MORE.columns)
    await conn.prepare(facets_statement(EVERYTHING.sql, WITH_ONE_MORE))


async def test_the_indexes_that_fields_lean_on_are_there(conn: Connection) -> None:
    there = {row["indexname"] for row in await conn.fetch("SELECT indexname FROM pg_indexes")}
    assert {row.index for row in FIELDS.rows if row.index is not None} <= there
