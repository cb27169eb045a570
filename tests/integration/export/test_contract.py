"""What the contract of exports promises, on a real database: states, moves, and hidden identifiers in every format."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdf
import pytest
from bitacora_schemas.exports.formats import FORMATS, Format
from bitacora_schemas.exports.states import MOVES

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.export import jobs
from tests.integration.export.conftest import Office

ASKING = load_statements(Path(__file__).parents[3] / "services" / "query" / "exports.sql")
JOB = UUID("6f0b1c1e-6d3a-4c55-9f0a-0c1f5b7d2a11")
HOUR = timedelta(hours=1)


async def test_the_table_knows_the_states_of_the_contract(office: Office) -> None:
    rows = await office.pool.fetch(
        "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = 'ops.export_job'::regclass"
    )
    (states,) = [found for row in rows if len(found := re.findall(r"'(\w+)'::text", row["text"])) > 2]
    assert set(states) == set(MOVES)


def statements(account_id: int, attempt: int) -> dict[str, list[tuple[str, tuple[object, ...]]]]:
    """Every statement that changes a job, with arguments that fit the job."""
    mine = (account_id, JOB, attempt)
    file: tuple[object, ...] = ("k", 1, 1, "sha", "n", "m", {}, HOUR)
    nothing: tuple[object, ...] = (None, None, 0, None, None, None, {}, HOUR)
    theirs = jobs.SQL
    return {
        "claim_job": [(theirs["claim_job"], (60.0, 10, 5, list(FORMATS)))],
        "beat": [(theirs["beat"], (*mine, 60.0, 5))],
        "publish_job": [
            (theirs["publish_job"], (*mine, "succeeded", *file)),
            (theirs["publish_job"], (*mine, "empty", *nothing)),
        ],
        "requeue_job": [(theirs["requeue_job"], (*mine, timedelta(0), None))],
        "fail_job": [(theirs["fail_job"], (*mine, "internal"))],
        "cancel_job": [
            (theirs["cancel_job"], mine),
            (ASKING["cancel_job"], (account_id, JOB)),
        ],
        "settle_jobs": [(theirs["settle_jobs"], (5,))],
        "expire_jobs": [(theirs["expire_jobs"], ())],
    }


def standings() -> Iterable[dict[str, Any]]:
    """Jobs in every state, fresh and worn out, asked to be cancelled and not, their worker alive and gone."""
    for state in MOVES:
        for attempt in (1, 5):
            for cancel_requested in (False, True):
                for late in (False, True):
                    yield {
                        "state": state, "attempt": attempt, "cancel_requested": cancel_requested,
                        "lease": (-HOUR if late else HOUR) if state == "running" else None,
                        "expires": (-HOUR if late else HOUR) if state in ("succeeded", "expired") else None,
                    }  # fmt: skip


async def put(conn: Connection, account_id: int, job: dict[str, Any]) -> None:
    await conn.execute(
        "INSERT INTO ops.export_job (account_id, export_id, request_key, requested_by, role, format, spec, state, attempt,"
        " cancel_requested, lease_until, expires_at, object_key, sha256, error_code)"
        " VALUES ($1, $2, 'k', 'user:1', 'admin', 'csv', '{}', $3, $4, $5, now() + $6::interval, now() + $7::interval,"
        " 'k', 'sha', 'internal')",
        account_id, JOB, job["state"], job["attempt"], job["cancel_requested"], job["lease"], job["expires"],
    )  # fmt: skip


async def test_no_statement_moves_a_job_otherwise_than_the_contract_says(office: Office) -> None:
    known = statements(office.account_id, 1)
    changing = {
        name for SQL in (jobs.SQL, ASKING) for name, text in SQL.items() if "UPDATE ops.export_job" in text
    }
    assert changing == set(known), "every statement that changes a job is tried here"
    moved: dict[str, set[str]] = {state: set() for state in MOVES}
    async with office.pool.acquire() as conn:
        for job in standings():
            for statement, args in (
                each for some in statements(office.account_id, job["attempt"]).values() for each in some
            ):
                undone = conn.transaction()
                await undone.start()
                await put(conn, office.account_id, job)
                await conn.fetch(statement, *args)
                after = await conn.fetchval("SELECT state FROM ops.export_job WHERE export_id = $1", JOB)
                await undone.rollback()
                if after != job["state"]:
                    moved[job["state"]].add(after)
    assert moved == {state: set(moves) for state, moves in MOVES.items()}


def text_of_pdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def text_of_zip(data: bytes) -> str:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return "\n".join(READ[name.rpartition(".")[2]](archive.read(name)) for name in archive.namelist())


READ: dict[str, Callable[[bytes], str]] = {
    "csv": bytes.decode,
    "csv.gz": lambda data: gzip.decompress(data).decode(),
    "ndjson": bytes.decode,
    "ndjson.gz": lambda data: gzip.decompress(data).decode(),
    "pdf": text_of_pdf,
    "zip": text_of_zip,
}
"""How a file of each kind is read here; a new kind must be taught, or nothing would be proved about it."""


def plain(text: str) -> str:
    """Without what layout puts into numbers and addresses."""
    return re.sub(r"[\s\u200b\u00a0-]", "", text)


async def shown(office: Office, row: Format, role: str) -> str:
    """All that files of a format show: of the whole list, or of each conversation; packed and not."""
    about: list[dict[str, Any]] = [{"filter": {}}]
    if not row.of_filter:
        ids = await office.pool.fetch("SELECT conversation_id::text AS id FROM conversation LIMIT 5")
        about = [{"conversation_id": each["id"]} for each in ids]
    if row.gzip:
        about += [{**each, "gzip": True} for each in about]
    asked = [
        await office.ask(row.name, {"masked": False, "profile": "data", **each}, role=role) for each in about
    ]
    worker = office.worker()
    while await worker.run_one():
        pass
    texts = []
    for export_id in asked:
        job = await office.job(export_id)
        assert job["state"] == "succeeded", job["error_code"]
        ending = job["object_key"].rpartition("/")[2].partition(".")[2]
        assert ending in {kind.ending for kind in (row.file, row.packed) if kind is not None}
        assert job["file_name"].endswith(f".{ending}")
        assert job["media_type"] in {kind.media_type for kind in (row.file, row.packed) if kind is not None}
        texts.append(READ[ending](await office.file(export_id)))
    return plain("\n".join(texts))


@pytest.mark.parametrize("row", FORMATS.values(), ids=lambda row: str(row.name))
async def test_an_operator_s_file_shows_identifiers_only_where_the_format_says_so(
    office: Office, row: Format
) -> None:
    found = await office.pool.fetch(
        "SELECT email AS value FROM contact WHERE email IS NOT NULL UNION SELECT phone FROM contact WHERE phone IS NOT NULL"
        " UNION SELECT value FROM contact_identifier"
    )
    values = {plain(each["value"]) for each in found}
    assert len(values) > 10
    to_admin = await shown(office, row, "admin")
    assert {value for value in values if value in to_admin}, "an admin's file shows some"
    await office.pool.execute("UPDATE ops.membership SET role = 'operator'")
    to_operator = await shown(office, row, "operator")
    assert bool({value for value in values if value in to_operator}) == (not row.hides_identifiers)
