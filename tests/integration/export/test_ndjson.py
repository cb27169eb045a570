"""NDJSON files, read back line by line."""

import csv
import gzip
import io
import json
from typing import Any

from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.field import Flag, Number
from tests.integration.export.conftest import Office

HARD = 'Ana "la de \\ atrás"\nsegunda línea\u2028\ttab \x01\x02 \\.'


async def file_of(office: Office, format_: str, **spec: Any) -> bytes:
    export_id = await office.ask(format_, {"masked": False, **spec})
    assert await office.worker().run_one()
    job = await office.job(export_id)
    assert job["state"] == "succeeded", job["error_code"]
    return await office.file(export_id)


async def test_every_line_is_the_row_of_the_csv_for_programs_with_numbers_and_flags_as_such(
    office: Office,
) -> None:
    await office.pool.execute("UPDATE contact SET name = $1 WHERE name IS NOT NULL", HARD)
    lines = (await file_of(office, "ndjson")).decode().split("\n")
    assert lines.pop() == ""
    found = [json.loads(line) for line in lines]
    table = (await file_of(office, "csv", profile="data")).decode()
    rows = list(csv.DictReader(io.StringIO(table, newline=""), strict=True))
    assert len(found) == len(rows) > 5
    assert HARD in {each["customer_name"] for each in found}
    kinds = {column.name: field.kind for field, column in FIELDS.columns}
    for each, row in zip(found, rows, strict=True):
        assert list(each) == list(row)
        for name, value in each.items():
            assert isinstance(value, bool) == isinstance(kinds[name], Flag)
            if value is not None and isinstance(kinds[name], Number):
                assert isinstance(value, int | float)
            assert _as_csv(value) == row[name], name


async def test_a_packed_file_holds_the_same_lines(office: Office) -> None:
    plain = await file_of(office, "ndjson")
    assert gzip.decompress(await file_of(office, "ndjson", gzip=True)) == plain


def _as_csv(value: Any) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    return "" if value is None else str(value)
