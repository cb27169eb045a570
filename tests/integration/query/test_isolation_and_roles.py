"""Nobody reads another account's data, and every route asks who one is (P8)."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from services.query.api.operations import Operation
from services.query.api.routes import OPERATIONS
from services.query.auth.policy import Permission
from services.query.routing import PERMISSIONS
from tests.integration.query.conftest import World
from tests.support.query_site import Site

ENDED, OPEN = 2, 1


def address(path: str, world: World, account_id: int) -> str:
    """A path of the API about the account's newest ended conversation and an export of nobody."""
    one = next(each for each in world.seed.of(account_id) if each.status == ENDED)
    return path.format(conversation_id=one.id, file_id="f1", export_id=uuid4())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
async def test_every_operation_refuses_who_is_nobody(site: Site, world: World, operation: Operation) -> None:
    method, path = operation.method, operation.path
    for headers in ({}, {"Authorization": "Bearer bita_nonsense"}, {"Authorization": "Basic abc"}):
        answer = await site.client.request(method, address(path, world, world.acme), headers=headers)
        body = json.loads(await answer.text())
        assert answer.status == 401
        assert body["code"] == "not_authenticated"
        assert body["request_id"] == answer.headers["X-Request-ID"]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", ["operator", "admin"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
async def test_the_matrix_of_routes_and_roles_holds(
    site: Site, world: World, operation: Operation, role: str
) -> None:
    method, path = operation.method, operation.path
    answer = await site.client.request(
        method,
        address(path, world, world.acme),
        headers=site.of("acme", role),
        json={} if method == "POST" else None,
    )
    assert answer.status not in (401, 403, 500)


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if "{conversation_id}" in each.path], ids=lambda each: each.path
)
async def test_another_accounts_conversation_does_not_exist(
    site: Site, world: World, operation: Operation
) -> None:
    method, path = operation.method, operation.path
    answer = await site.client.request(
        method, address(path, world, world.other), headers=site.of("acme", "admin")
    )
    assert answer.status == 404
    assert await site.outbox() == []


async def test_another_accounts_exports_do_not_exist(site: Site, world: World) -> None:
    made = await site.client.post("/api/v1/exports", headers=site.of("other"), json={"format": "csv"})
    assert made.status == 202
    path = made.headers["Location"]
    assert (await site.client.get(path, headers=site.of("other"))).status == 200
    for method, end in (("GET", ""), ("GET", "/file"), ("POST", "/cancel")):
        assert (await site.client.request(method, path + end, headers=site.of("acme"))).status == 404
    listed = await (await site.client.get("/api/v1/exports", headers=site.of("acme"))).json()
    assert path.rsplit("/", 1)[1] not in {each["id"] for each in listed["items"]}


async def test_lists_facets_and_counts_know_one_account_only(site: Site, world: World) -> None:
    ids: set[str] = set()
    cursor = ""
    while True:
        answer = await site.client.get(
            f"/api/v1/conversations?limit=200&cursor={cursor}", headers=site.of("other")
        )
        body = await answer.json()
        ids |= {each["id"] for each in body["items"]}
        assert body["count"] == {"value": 60, "exact": True}
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert ids == {str(each.id) for each in world.seed.of(world.other)}
    facets = await (await site.client.get("/api/v1/conversations/facets", headers=site.of("other"))).json()
    assert sum(each["count"] for each in facets["channels"]) == 60


async def test_operators_see_identifiers_masked_in_lists_and_admins_do_not(site: Site, world: World) -> None:
    one = next(each for each in world.seed.of(world.acme) if each.phone and each.email)
    assert one.phone is not None
    assert one.email is not None
    path = f"/api/v1/conversations?q={one.id}"
    seen = {}
    for role in ("operator", "admin"):
        body = await (await site.client.get(path, headers=site.of("acme", role))).json()
        seen[role] = body["items"][0]["contact"]
    assert seen["admin"]["phone"] == one.phone
    assert seen["admin"]["ids"] == [{"kind": "wa_id", "value": one.phone[1:]}]
    assert one.phone[3:-4] not in json.dumps(seen["operator"])
    assert one.email not in json.dumps(seen["operator"])
    assert seen["operator"]["phone"].endswith(one.phone[-4:])


async def test_tokens_stop_at_their_end_and_when_revoked(site: Site) -> None:
    async with site.pool.acquire() as conn:
        ids = await conn.fetch("SELECT api_token_id FROM ops.api_token ORDER BY 1")
        await conn.execute(
            "UPDATE ops.api_token SET expires_at = '2026-01-01' WHERE role = 'admin' AND api_token_id >= $1",
            ids[-4][0],
        )
        await conn.execute(
            "UPDATE ops.api_token SET revoked_at = now() WHERE role = 'operator' AND api_token_id >= $1",
            ids[-4][0],
        )
    for role in ("admin", "operator"):
        assert (await site.client.get("/api/v1/conversations", headers=site.of("acme", role))).status == 401


async def test_a_cookie_opens_no_door_of_the_api(site: Site) -> None:
    answer = await site.client.get("/api/v1/conversations", headers={"Cookie": "sid=abc"})
    assert answer.status == 401


async def test_only_what_must_be_is_public(site: Site) -> None:
    declared = site.client.app[PERMISSIONS]
    public = {path for (_, path), permission in declared.items() if permission is Permission.PUBLIC}
    assert public == {"/api/v1/openapi.json", "/sign-in", "/sign-in/link", "/setup", "/static/{name}"}
    assert all(each.path.startswith("/api/v1/") for each in OPERATIONS)
