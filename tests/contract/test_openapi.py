"""The OpenAPI document, the routes and the answers agree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from openapi_spec_validator import validate

from services.chassis.postgres import connect
from services.query.api.openapi import build_document
from services.query.api.routes import FILTER, OPERATIONS
from services.query.problems import TITLES
from services.readmodel.fields.conversation import FIELDS
from tests.support.query_site import Site, query_site
from tests.support.seed import Seed, add_account, seed_account

DOCUMENT = build_document()


@pytest.fixture
async def seeded(database: str, tmp_path: Path) -> AsyncIterator[tuple[Site, Seed, int]]:
    """The application over a few conversations."""
    conn = await connect(database, application_name="test-seed")
    seed = Seed()
    account = await add_account(conn, "acme")
    seed_account(seed, account, "acme", 30)
    await seed.write(conn)
    await conn.close()
    async with query_site(database, tmp_path, "acme") as site:
        yield site, seed, account


def test_the_document_is_openapi() -> None:
    validate(DOCUMENT)


async def test_routes_and_document_name_the_same_operations(seeded: tuple[Site, Seed, int]) -> None:
    site, _, _ = seeded
    app = site.client.app
    assert app is not None
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/")
    }
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert served == described


def test_the_filter_reads_exactly_the_parameters_that_are_described() -> None:
    assert sorted(each.name for each in FILTER) == sorted(FIELDS.parameters)
    assert len({(each.method, each.path) for each in OPERATIONS}) == len(OPERATIONS)
    for operation in OPERATIONS:
        assert set(operation.codes) <= set(TITLES)


async def test_every_answer_fits_its_schema(seeded: tuple[Site, Seed, int]) -> None:
    site, seed, account = seeded
    for one in seed.of(account)[:10]:
        base = f"/api/v1/conversations/{one.id}"
        for path, pattern in (
            (base, "/api/v1/conversations/{conversation_id}"),
            (f"{base}/history", "/api/v1/conversations/{conversation_id}/history"),
            (f"{base}/files", "/api/v1/conversations/{conversation_id}/files"),
        ):
            await _check(site, "get", path, pattern)
    for path in ("/api/v1/conversations", "/api/v1/conversations/facets", "/api/v1/conversations/histogram"):
        await _check(site, "get", path, path)
    await _check(site, "get", "/api/v1/conversations?count=false", "/api/v1/conversations")
    await _check(site, "post", "/api/v1/exports", "/api/v1/exports", json={"format": "csv"})
    await _check(site, "get", "/api/v1/exports", "/api/v1/exports")
    one = next(each for each in seed.of(account) if each.status == 1)
    end = f"/api/v1/conversations/{one.id}/end"
    await _check(site, "post", end, "/api/v1/conversations/{conversation_id}/end")
    for path, pattern in (
        ("/api/v1/conversations?x=1", "/api/v1/conversations"),
        (f"/api/v1/conversations/{account}", "/api/v1/conversations/{conversation_id}"),
    ):
        await _check(site, "get", path, pattern)


async def _check(site: Site, method: str, path: str, pattern: str, **request: Any) -> None:
    answer = await site.client.request(method, path, headers=site.of("acme"), **request)
    described = DOCUMENT["paths"][pattern][method]["responses"]
    assert str(answer.status) in described, (path, answer.status)
    schema = described[str(answer.status)]["content"][answer.content_type]["schema"]
    validator = jsonschema.Draft202012Validator(
        {**schema, "components": DOCUMENT["components"]},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    validator.validate(msgspec.json.decode(await answer.read()))
