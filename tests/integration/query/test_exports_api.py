"""Exports by the API: asked for once, cancelled, downloaded by who still may."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from bitacora_schemas.exports.formats import FORMATS, FormatName

from tests.integration.query.conftest import World
from tests.support.query_site import Site
from tests.support.seed import NOW

CONTENT = "id;nome\n1;José\n".encode()
SHA = hashlib.sha256(CONTENT).hexdigest()


async def ask(site: Site, body: dict[str, Any], role: str = "operator", **headers: str) -> tuple[int, Any]:
    """Posts an export and answers status and body."""
    answer = await site.client.post(
        "/api/v1/exports", json=body, headers={**site.of("acme", role), **headers}
    )
    return answer.status, json.loads(await answer.text())


async def test_a_csv_keeps_the_filter_in_its_canonical_form(site: Site) -> None:
    status, job = await ask(
        site,
        {"format": "csv", "filter": {"q": "ana", "channel": ["whatsapp"], "from": "2026-02-01", "score_max": 6},
         "profile": "spreadsheet", "timezone": "America/Sao_Paulo", "delimiter": ";"},
    )  # fmt: skip
    assert status == 202
    assert job["state"] == "queued"
    assert job["spec"] == {
        "filter": {"q": "ana", "channels": ["whatsapp"], "from": "2026-02-01T03:00:00Z", "score_max": 6.0},
        "profile": "spreadsheet", "timezone": "America/Sao_Paulo", "delimiter": ";", "masked": True,
        "gzip": False, "locale": "es",
    }  # fmt: skip


async def test_a_misspelt_filter_makes_no_export(site: Site) -> None:
    status, problem = await ask(site, {"format": "csv", "filter": {"chanel": "whatsapp"}})
    assert (status, problem["problems"][0]["parameter"]) == (400, "chanel")
    for body in ({"format": "csv", "filtre": {}}, {"format": "docx"}, {"format": "pdf"}):
        status, problem = await ask(site, body)
        assert (status, problem["code"]) == (400, "bad_body")


async def test_only_an_admin_gets_identifiers_unmasked(site: Site) -> None:
    assert (await ask(site, {"format": "csv", "masked": False}))[0] == 403
    status, job = await ask(site, {"format": "csv"}, role="admin")
    assert (status, job["spec"]["masked"]) == (202, False)


async def test_asking_again_with_the_same_key_gives_the_same_job(site: Site) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first, again = [await ask(site, {"format": "csv"}, **key) for _ in range(2)]
    assert first[1]["id"] == again[1]["id"]
    assert (await ask(site, {"format": "csv", "profile": "spreadsheet"}, **key))[0] == 422


async def test_a_transcript_of_nothing_is_not_made(site: Site, world: World) -> None:
    mine, theirs = world.seed.of(world.acme)[0].id, world.seed.of(world.other)[0].id
    assert (await ask(site, {"format": "pdf", "conversation_id": str(theirs)}))[0] == 404
    status, job = await ask(site, {"format": "pdf", "conversation_id": str(mine)})
    assert status == 202
    assert job["spec"] == {"conversation_id": str(mine), "timezone": "America/Sao_Paulo", "locale": "es"}


@pytest.mark.parametrize("language", ["fr", "xx", "", "EN"])
@pytest.mark.parametrize("name", [row.name for row in FORMATS.values() if row.languages])
async def test_a_file_in_a_language_that_is_not_made_is_refused_with_those_that_are(
    site: Site, world: World, name: FormatName, language: str
) -> None:
    row = FORMATS[name]
    about = {} if row.of_filter else {"conversation_id": str(world.seed.of(world.acme)[0].id)}
    status, problem = await ask(site, {"format": name, "locale": language, **about})
    assert (status, problem["code"]) == (400, "bad_parameter")
    message = f"must be one of {', '.join(row.languages)}"
    assert problem["problems"] == [{"parameter": "locale", "code": "not_allowed", "message": message}]


async def test_every_language_of_a_format_can_be_asked_for(site: Site, world: World) -> None:
    some = str(world.seed.of(world.acme)[0].id)
    for row in FORMATS.values():
        about = {} if row.of_filter else {"conversation_id": some}
        for language in row.languages:
            status, job = await ask(site, {"format": row.name, "locale": language, **about})
            assert (status, job["spec"]["locale"]) == (202, language)


async def test_a_packed_file_can_be_asked_for_where_the_format_can_be_packed(
    site: Site, world: World
) -> None:
    some = str(world.seed.of(world.acme)[0].id)
    for row in FORMATS.values():
        about: dict[str, Any] = {"filter": {}} if row.of_filter else {"conversation_id": some}
        status, answer = await ask(site, {"format": row.name, "gzip": True, **about})
        if row.gzip:
            assert (status, answer["spec"]["gzip"]) == (202, True)
        else:
            assert (status, answer["code"]) == (400, "bad_body")


async def test_a_job_of_an_older_version_is_the_same_job_when_asked_for_again(site: Site) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    _, first = await ask(site, {"format": "csv"}, **key)
    async with site.pool.acquire() as conn:
        await conn.execute(
            "UPDATE ops.export_job SET spec = spec - 'gzip' WHERE export_id = $1", UUID(first["id"])
        )
    status, again = await ask(site, {"format": "csv"}, **key)
    assert (status, again["id"]) == (202, first["id"])
    assert "gzip" not in again["spec"]
    assert (await ask(site, {"format": "csv", "gzip": True}, **key))[0] == 422


async def test_cancelling_is_safe_to_repeat_and_too_late_when_it_is_done(site: Site) -> None:
    _, job = await ask(site, {"format": "csv"})
    path = f"/api/v1/exports/{job['id']}/cancel"
    for _ in range(2):
        answer = await site.client.post(path, headers=site.of("acme", "operator"))
        assert (answer.status, (await answer.json())["state"]) == (202, "cancelled")
    done = await _finished(site)
    answer = await site.client.post(f"/api/v1/exports/{done}/cancel", headers=site.of("acme", "operator"))
    assert answer.status == 409


async def test_a_finished_file_arrives_whole_named_and_audited(site: Site) -> None:
    export_id = await _finished(site)
    path = f"/api/v1/exports/{export_id}/file"
    answer = await site.client.get(path, headers=site.of("acme", "operator"))
    assert await answer.read() == CONTENT
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"a_o 1.csv\"; filename*=UTF-8''a%C3%B1o%201.csv"
    )
    assert answer.headers["ETag"] == f'"{SHA}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Request-ID"]
    assert "aiohttp" not in answer.headers["Server"]
    again = await site.client.get(path, headers={**site.of("acme", "operator"), "If-None-Match": f'"{SHA}"'})
    assert again.status == 304
    async with site.pool.acquire() as conn:
        audited = await conn.fetchval(
            "SELECT count(*) FROM ops.audit_entry WHERE object_id = $1 AND action = 'export.download'",
            str(export_id),
        )
    assert audited == 2


async def test_operators_see_their_own_exports_and_admins_all(site: Site) -> None:
    export_id = str(await _finished(site, role="admin"))
    for role, status in (("operator", 404), ("admin", 200)):
        answer = await site.client.get(f"/api/v1/exports/{export_id}/file", headers=site.of("acme", role))
        assert answer.status == status
        listed = await (await site.client.get("/api/v1/exports", headers=site.of("acme", role))).json()
        assert (export_id in {each["id"] for each in listed["items"]}) == (status == 200)


async def test_who_is_no_admin_any_more_cannot_fetch_what_an_admin_asked_for(site: Site) -> None:
    export_id = await _finished(site, role="admin")
    async with site.pool.acquire() as conn:
        await conn.execute(
            "UPDATE ops.api_token SET role = 'operator' WHERE 'token:' || api_token_id = "
            "(SELECT requested_by FROM ops.export_job WHERE export_id = $1)",
            export_id,
        )
    answer = await site.client.get(f"/api/v1/exports/{export_id}/file", headers=site.of("acme", "admin"))
    assert answer.status == 403


async def test_a_file_of_a_format_that_nobody_knows_is_taken_to_show_identifiers(site: Site) -> None:
    export_id = await _finished(site)
    async with site.pool.acquire() as conn:
        await conn.execute(
            "UPDATE ops.export_job SET format = 'papyrus' WHERE export_id = $1", UUID(str(export_id))
        )
    answer = await site.client.get(f"/api/v1/exports/{export_id}/file", headers=site.of("acme", "operator"))
    assert answer.status == 403


async def test_a_file_that_is_not_ready_or_has_expired_says_so(site: Site) -> None:
    _, job = await ask(site, {"format": "csv"})
    answer = await site.client.get(f"/api/v1/exports/{job['id']}/file", headers=site.of("acme", "operator"))
    assert (answer.status, json.loads(await answer.text())["code"]) == (409, "not_ready")
    old = await _finished(site, expires_in=timedelta(seconds=-1))
    answer = await site.client.get(f"/api/v1/exports/{old}/file", headers=site.of("acme", "operator"))
    assert answer.status == 410


async def _finished(site: Site, *, role: str = "operator", expires_in: timedelta = timedelta(days=7)) -> UUID:
    """An export as the export process leaves it."""
    _, job = await ask(site, {"format": "csv"}, role=role)
    key = f"acme/{job['id']}-1.csv"

    async def chunks() -> AsyncIterator[bytes]:
        yield CONTENT

    await site.exports.put(key, chunks())
    async with site.pool.acquire() as conn:
        await conn.execute(
            "UPDATE ops.export_job SET state = 'succeeded', object_key = $2, sha256 = $3, bytes = $4, rows = 1,"
            " expires_at = $5, file_name = 'año 1.csv', media_type = 'text/csv; charset=utf-8', finished_at = now()"
            " WHERE export_id = $1",
            UUID(job["id"]), key, SHA, len(CONTENT), NOW + expires_in,
        )  # fmt: skip
    return UUID(job["id"])
