"""CSV files, read back as a spreadsheet or a program would."""

import csv
import gzip
import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.export.renderers.csv import BYTE_ORDER_MARK
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.masking import mask_email, mask_phone
from tests.integration.export.conftest import Office

FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")


def rows_of(data: bytes, delimiter: str) -> list[dict[str, str]]:
    text = data.decode().removeprefix(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


async def test_a_spreadsheet_holds_exactly_what_the_filter_finds(office: Office) -> None:
    spec = {
        "filter": {"channels": ["whatsapp"]},
        "timezone": "America/Bogota",
        "delimiter": ";",
        "masked": False,
    }
    export_id = await office.ask("csv", spec)
    assert await office.worker().run_one()
    job = await office.job(export_id)
    assert job["state"] == "succeeded"
    data = await office.file(export_id)
    assert data.startswith(BYTE_ORDER_MARK.encode())
    rows = rows_of(data, ";")
    keys = await office.pool.fetch(
        "SELECT conversation_id::text AS id FROM conversation WHERE channel = 'whatsapp' ORDER BY conv_key DESC"
    )
    assert [row["Conversación"] for row in rows] == [key["id"] for key in keys]
    assert job["rows"] == len(rows) == job["manifest"]["rows"] > 5
    assert job["sha256"] == hashlib.sha256(data).hexdigest() == job["manifest"]["sha256"]
    assert job["bytes"] == len(data)
    assert "Inicio (America/Bogota)" in rows[0]
    assert not [value for row in rows for value in row.values() if value.startswith(FORMULA_STARTS)]


@pytest.mark.parametrize(
    ("language", "name", "titles", "words"),
    [
        (
            "es",
            "conversaciones-",
            ["Conversación", "Enlace", "Estado", "Entorno"],
            {"Finalizada", "Producción", "no"},
        ),
        ("pt", "conversas-", ["Conversa", "Link", "Status", "Ambiente"], {"Encerrada", "Produção", "não"}),
        (
            "en",
            "conversations-",
            ["Conversation", "Link", "Status", "Environment"],
            {"Ended", "Production", "no"},
        ),
    ],
)
async def test_titles_and_words_of_a_spreadsheet_are_in_the_language_asked_for(
    office: Office, language: str, name: str, titles: list[str], words: set[str]
) -> None:
    export_id = await office.ask("csv", {"filter": {}, "delimiter": ";", "locale": language})
    await office.worker().run_one()
    job = await office.job(export_id)
    rows = rows_of(await office.file(export_id), ";")
    assert list(rows[0])[:4] == titles
    assert words <= {value for row in rows for value in row.values()}
    assert job["file_name"].startswith(name)
    assert job["manifest"]["locale"] == language


async def test_a_data_file_alters_nothing_and_speaks_utc(office: Office) -> None:
    export_id = await office.ask("csv", {"filter": {}, "profile": "data", "masked": False})
    await office.worker().run_one()
    rows = rows_of(await office.file(export_id), ",")
    assert list(rows[0]) == [column.name for _, column in FIELDS.columns]
    phones = [row["customer_phone"] for row in rows if row["customer_phone"]]
    assert phones
    assert all(phone.startswith("+") for phone in phones)
    assert all(row["started_at"].endswith("Z") for row in rows)
    starts = [row["started_at"] for row in rows]
    assert starts == sorted(starts, reverse=True)


async def test_masked_files_hide_what_lists_hide(office: Office) -> None:
    export_id = await office.ask("csv", {"filter": {}, "profile": "data", "masked": True})
    await office.worker().run_one()
    rows = rows_of(await office.file(export_id), ",")
    contacts = {
        str(row["conversation_id"]): row
        for row in await office.pool.fetch(
            "SELECT c.conversation_id, ct.email, ct.phone FROM conversation c JOIN contact ct USING (account_id, contact_id)"
        )
    }
    for row in rows:
        contact = contacts[row["id"]]
        assert row["customer_email"] == (mask_email(contact["email"]) if contact["email"] else "")
        assert row["customer_phone"] == (mask_phone(contact["phone"]) if contact["phone"] else "")


async def test_packed_and_plain_files_hold_the_same(office: Office) -> None:
    plain = await office.ask("csv", {"filter": {}, "profile": "data"})
    packed = await office.ask("csv", {"filter": {}, "profile": "data", "gzip": True})
    worker = office.worker()
    while await worker.run_one():
        pass
    assert gzip.decompress(await office.file(packed)) == await office.file(plain)


async def test_a_filter_that_finds_nothing_leaves_no_file(office: Office) -> None:
    export_id = await office.ask("csv", {"filter": {"channels": ["fax"]}})
    await office.worker().run_one()
    job = await office.job(export_id)
    assert (job["state"], job["rows"], job["object_key"]) == ("empty", 0, None)
    assert [blob async for blob in office.store.list()] == []


async def test_text_and_contact_searches_are_exported_too(office: Office) -> None:
    export_id = await office.ask("csv", {"filter": {"text": "facturacion", "q": "a"}, "profile": "data"})
    everything = await office.ask("csv", {"filter": {"text": "dirección de facturación"}, "profile": "data"})
    worker = office.worker()
    while await worker.run_one():
        pass
    rows = rows_of(await office.file(everything), ",")
    assert 0 < len(rows) < await office.pool.fetchval("SELECT count(*) FROM conversation")
    assert (await office.job(export_id))["state"] in {"succeeded", "empty"}


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"filter": {"colour": "red"}}, "bad_spec"),
        ({"filter": {}, "timezone": "Mars/Olympus"}, "bad_spec"),
        ({"filter": {}, "profile": "poster"}, "bad_spec"),
        ({"filter": {}, "locale": "xx"}, "bad_spec"),
    ],
)
async def test_a_specification_that_makes_no_sense_fails_at_once(
    office: Office, spec: dict[str, object], code: str
) -> None:
    export_id = await office.ask("csv", spec)
    await office.worker().run_one()
    job = await office.job(export_id)
    assert (job["state"], job["error_code"], job["attempt"]) == ("failed", code, 1)


async def test_a_text_that_is_in_too_many_conversations_fails_with_a_code_of_its_own(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.readmodel.filters.MOST_TEXT_HITS", 1)
    export_id = await office.ask("csv", {"filter": {"text": "dirección de facturación"}, "profile": "data"})
    await office.worker().run_one()
    job = await office.job(export_id)
    assert (job["state"], job["error_code"], job["attempt"]) == ("failed", "too_large", 1)


async def test_a_job_of_a_format_that_a_worker_does_not_know_waits_for_one_that_does(office: Office) -> None:
    export_id = await office.ask("papyrus", {})
    assert not await office.worker().run_one()
    assert (await office.job(export_id))["state"] == "queued"


async def test_the_guard_leaves_no_formula_in_any_line_of_any_text(office: Office) -> None:
    seen: list[str] = []

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.text(alphabet=st.sampled_from(list("=+-@＝＋－＠ \t\n\rab'\u00a0\ufeff")), max_size=12))
    def collect(text: str) -> None:
        seen.append(text)

    collect()
    rows = await office.pool.fetch(
        "SELECT t, public.csv_guard(t) AS guarded FROM unnest($1::text[]) AS t", seen
    )
    for row in rows:
        guarded = row["guarded"]
        assert not guarded.startswith(FORMULA_STARTS)
        for line in guarded.replace("\r", "\n").split("\n"):
            assert not line.strip(" \t\u00a0\ufeff").startswith(
                ("=", "+", "-", "@", "＝", "＋", "－", "＠")
            ), row["t"]
        assert guarded.replace("'", "") == row["t"].replace("'", ""), "nothing is lost"
    assert await office.pool.fetchval("SELECT public.csv_guard('a-b = c')") == "a-b = c"
    assert await office.pool.fetchval("SELECT public.csv_guard(NULL)") is None


@pytest.mark.parametrize(
    "value",
    [
        "+5511900001234",
        "12345678",
        "1234567",
        "",
        "+54 9 11 0000-1234",
        "ana@example.com",
        "a@b",
        "@x",
        "x@",
        "a@b@c.d.org",
        "sin arroba",
    ],
)
async def test_the_database_masks_as_pages_do(office: Office, value: str) -> None:
    assert await office.pool.fetchval("SELECT public.mask_phone($1)", value) == mask_phone(value)
    assert await office.pool.fetchval("SELECT public.mask_email($1)", value) == mask_email(value)


async def test_the_database_masks_any_text_as_pages_do(office: Office) -> None:
    seen: set[str] = set()

    @settings(max_examples=400, deadline=None, database=None)
    @given(st.text(alphabet=st.sampled_from(list("ab.@+-() 0123456789\né")), max_size=14))
    def collect(text: str) -> None:
        seen.add(text)

    collect()
    seen.update(
        ("+5511900001234", "5511900001234", "123456789", "a@b@c.example.com", "@", "a@.com", "++551190000123")
    )
    rows = await office.pool.fetch(
        "SELECT t, public.mask_phone(t) AS phone, public.mask_email(t) AS email FROM unnest($1::text[]) AS t",
        list(seen),
    )
    for row in rows:
        assert (row["phone"], row["email"]) == (mask_phone(row["t"]), mask_email(row["t"])), row["t"]
