"""CSV files at the edges: clock changes, rights, large results."""

import csv
import io
import tracemalloc
from uuid import UUID

from services.export.renderers.csv import BYTE_ORDER_MARK
from services.presentation.words import END_REASONS
from services.readmodel.fields.conversation import FIELDS
from tests.integration.export.conftest import SITE, Office

ADD_CONVERSATIONS = """
INSERT INTO conversation (account_id, conv_key, conversation_id, thread_key, contact_id, environment, status, channel,
                          channel_address, started_at, opened_event_id, opened_position, chatbot_id, chatbot_name)
SELECT $1, (1 + n)::bigint << 20, gen_random_uuid(), 'k' || n, gen_random_uuid(), 2, 1, 'bulk', '1',
       $2::timestamptz + n * $3::interval, gen_random_uuid(), n, 'bot', 'Bot ' || n % 7
  FROM generate_series(1, $4) AS n
"""


async def exported(office: Office, spec: dict[str, object], **asking: str) -> list[dict[str, str]]:
    export_id = await office.ask("csv", spec, **asking)
    await office.worker().run_one()
    assert (await office.job(export_id))["state"] == "succeeded"
    text = (await office.file(export_id)).decode().removeprefix(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


async def add(office: Office, start: str, step: str, count: int) -> None:
    await office.pool.execute(
        ADD_CONVERSATIONS.replace("$2", f"'{start}'").replace("$3", f"'{step}'").replace("$4", str(count)),
        office.account_id,
    )


async def test_the_order_is_that_of_time_where_a_clock_goes_back(office: Office) -> None:
    # Madrid, 25 October 2026: 02:59 summer time is followed by 02:00 winter time.
    await add(office, "2026-10-25T00:00:00Z", "10 minutes", 12)
    rows = await exported(office, {"filter": {"channels": ["bulk"]}, "timezone": "Europe/Madrid"})
    local = [row["Inicio (Europe/Madrid)"] for row in rows]
    assert len(local) == 12
    assert local[0] == "2026-10-25 03:00:00"
    assert local != sorted(local, reverse=True), "the texts alone would be in another order"
    starts = {
        row["conversation_id"]: row["started_at"]
        for row in await office.pool.fetch("SELECT conversation_id, started_at FROM conversation")
    }
    moments = [starts[UUID(row["Conversación"])] for row in rows]
    assert moments == sorted(moments, reverse=True)


async def test_a_hundred_thousand_rows_are_exact_and_memory_stays_flat(office: Office) -> None:
    await add(office, "2026-01-01T00:00:00Z", "1 second", 100_000)
    export_id = await office.ask("csv", {"filter": {"channels": ["bulk"]}, "profile": "spreadsheet"})
    tracemalloc.start()
    try:
        await office.worker().run_one()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    job = await office.job(export_id)
    assert (job["state"], job["rows"]) == ("succeeded", 100_000)
    data = await office.file(export_id)
    assert len(data) == job["bytes"] > 20_000_000
    assert sum(1 for _ in csv.reader(io.StringIO(data.decode(), newline=""), strict=True)) == 100_001
    assert peak < 16_000_000, f"{peak / 1e6:.0f} MB held for a file of {len(data) / 1e6:.0f} MB"


async def test_an_operator_s_file_is_masked_whatever_the_specification_says(office: Office) -> None:
    await office.pool.execute("UPDATE ops.membership SET role = 'operator'")
    rows = await exported(office, {"profile": "data", "masked": False}, role="operator")
    phones = [row["customer_phone"] for row in rows if row["customer_phone"]]
    assert phones
    assert all("*" in phone for phone in phones)


async def test_every_row_links_to_its_page_and_has_every_column(office: Office) -> None:
    rows = await exported(office, {"profile": "data"})
    assert all(row["url"] == f"{SITE}/conversations/{row['id']}" for row in rows)
    assert all(
        list(row) == [column.name for _, column in FIELDS.columns] and None not in row.values()
        for row in rows
    )


async def test_a_spreadsheet_speaks_spanish(office: Office) -> None:
    rows = await exported(office, {})
    assert {row["Estado"] for row in rows} <= {"Abierta", "Finalizada"}
    assert {row["Motivo de fin"] for row in rows} <= {
        "", *END_REASONS.values()
    }  # fmt: skip
    assert {row["Transferida"] for row in rows} == {"sí", "no"}


async def test_the_comments_of_a_conversation_stand_in_its_row(office: Office) -> None:
    rows = await exported(office, {"profile": "data"})
    expected = await office.pool.fetch(
        "SELECT conversation_id::text AS id FROM conversation WHERE has_comment ORDER BY conv_key DESC"
    )
    assert [row["id"] for row in rows if row["comment"]] == [row["id"] for row in expected]
    assert expected
