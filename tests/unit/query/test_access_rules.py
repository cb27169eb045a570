"""Policy, tokens, waits and origins: the decisions of who gets in, without a database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from services.query.auth.attempts import LONGEST_WAIT, PER_ADDRESS, Attempts
from services.query.auth.csrf import is_same_origin
from services.query.auth.passwords import password_problem
from services.query.auth.policy import ROLES, Permission, allows
from services.query.auth.tokens import is_well_formed, new_token
from services.query.downloads import disposition
from services.query.routing import MissingPolicy, add_routes, check_policies, get
from services.query.search_slots import SearchSlots, TooManySearches
from tests.support.seed import NOW


async def test_a_route_without_a_policy_does_not_start() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    add_routes(app, [get("/api/v1/conversations", handler, Permission.READ_CONVERSATIONS)])
    check_policies(app)
    app.router.add_post("/api/v1/secret", handler)
    with pytest.raises(MissingPolicy, match="POST /api/v1/secret"):
        check_policies(app)


def test_every_permission_names_its_roles() -> None:
    assert set(ROLES) == set(Permission) - {Permission.PUBLIC}
    assert all(allows(permission, "admin") for permission in Permission)


def test_a_token_with_one_letter_changed_is_no_token() -> None:
    token = new_token()
    assert is_well_formed(token)
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert not is_well_formed(token[:place] + other + token[place + 1 :])
    assert not is_well_formed(token + "0")
    assert not is_well_formed("bita_é")
    assert len({new_token() for _ in range(100)}) == 100


def test_waits_grow_and_end_and_are_bound_to_person_and_address() -> None:
    attempts = Attempts()
    now = NOW
    waits = []
    for _ in range(14):
        attempts.failed("a@example.com", "192.0.2.1", now)
        waits.append(attempts.wait("a@example.com", "192.0.2.1", now))
        now += timedelta(minutes=6)
    assert waits[:5] == [timedelta(seconds=seconds) for seconds in (0, 0, 1, 2, 4)]
    assert max(waits) == LONGEST_WAIT
    assert attempts.wait("b@example.com", "192.0.2.1", now) == timedelta()
    assert attempts.wait("a@example.com", "192.0.2.9", now) == timedelta()
    assert attempts.wait("a@example.com", "192.0.2.1", now + timedelta(hours=1)) == timedelta()


def test_one_address_may_not_try_many_people() -> None:
    attempts = Attempts()
    for number in range(PER_ADDRESS):
        attempts.failed(f"p{number}@example.com", "192.0.2.1", NOW)
    assert attempts.wait("new@example.com", "192.0.2.1", NOW) == timedelta(minutes=1)
    assert attempts.wait("new@example.com", "192.0.2.2", NOW) == timedelta()


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://shop.example"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://shop.example"}, True),
        ({"Origin": "http://shop.example.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_forms_come_from_our_own_origin(headers: dict[str, str], *, same: bool) -> None:
    request = make_mocked_request("POST", "/sign-in", headers={"Host": "shop.example", **headers})
    assert is_same_origin(request) == same


def test_passwords_are_long_and_not_everybodys() -> None:
    assert password_problem("short") == "too_short"
    assert password_problem("x" * 129) == "too_long"
    assert password_problem("Administrador") == "too_common"
    assert password_problem("aaaaaaaaaaaaaaaa") == "too_common"
    assert password_problem("una frase larga") is None


def test_a_file_name_cannot_break_its_header() -> None:
    name = 'a"\r\nSet-Cookie: x=1; ñ.pdf'
    header = disposition(name)
    assert "\r" not in header
    assert "\n" not in header
    assert header.count('"') == 2


def test_slots_are_given_back() -> None:
    slots = SearchSlots(1)
    with slots.taken_by("user:1"):
        with pytest.raises(TooManySearches), slots.taken_by("user:1"):
            pass
        with slots.taken_by("user:2"):
            pass
    with slots.taken_by("user:1"):
        pass
