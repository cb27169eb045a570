"""The condition that a filter becomes: only what was asked, values only as arguments."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from bitacora_schemas.ids import conv_key
from hypothesis import given
from hypothesis import strategies as st

from services.readmodel.filters import ConversationFilter, compile_filter
from services.readmodel.search import read_contact_query
from services.readmodel.sort_keys import first_key_at

NASTY = "o'neil\"; DROP TABLE contact; -- {0} $1 %s \\"
MOMENTS = st.datetimes(
    min_value=datetime(2015, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001  naive bounds are asked for
)  # fmt: skip


def test_an_empty_filter_asks_for_the_account_only() -> None:
    fragment = compile_filter(ConversationFilter(), 7)
    assert (fragment.sql, fragment.args, fragment.next_place) == ("c.account_id = $1", (7,), 2)


def test_values_never_become_sql() -> None:
    wanted = ConversationFilter(
        q=NASTY, chatbots=(NASTY,), channels=(NASTY,), assistants=(NASTY,), end_reasons=(NASTY,)
    )
    fragment = compile_filter(wanted, 7)
    assert "DROP" not in fragment.sql
    assert "neil" not in fragment.sql
    places = {int(number) for number in re.findall(r"\$(\d+)", fragment.sql)}
    assert places == set(range(1, len(fragment.args) + 1))


def test_like_signs_mean_themselves() -> None:
    assert read_contact_query("100% a_b").patterns == ("%100\\%%", "%a\\_b%")


def test_environment_and_status_are_literals_so_that_partial_indexes_serve() -> None:
    fragment = compile_filter(ConversationFilter(environment="testing", statuses=("open",)), 7)
    assert fragment.sql == "c.account_id = $1 AND c.environment = 2 AND c.status = 1"


def test_a_pasted_id_asks_for_that_conversation() -> None:
    text = "6f0b1c1e-6d3a-5c55-9f0a-0c1f5b7d2a11"
    fragment = compile_filter(ConversationFilter(q=text), 7)
    assert fragment.args == (7, UUID(text))


def test_text_must_have_been_looked_up() -> None:
    with pytest.raises(AssertionError):
        compile_filter(ConversationFilter(text="hola"), 7)
    assert compile_filter(ConversationFilter(text="hola"), 7, text_keys=[3, 1]).args == (7, [3, 1])


@given(start=MOMENTS, bound=MOMENTS, near=st.integers(-2500, 2500))
def test_a_period_by_key_is_a_period_by_time(start: datetime, bound: datetime, near: int) -> None:
    """Whatever the bound, the key range together with the extra condition says exactly start >= bound."""
    for moment in (bound, start + timedelta(microseconds=near)):
        key = conv_key(start, UUID(int=2**128 - 1))
        for wanted, expected in (
            (ConversationFilter(from_=moment), start >= moment),
            (ConversationFilter(to=moment), start < moment),
        ):
            assert _holds(compile_filter(wanted, 7), key, start) == expected


def test_the_first_key_of_a_moment_is_below_every_conversation_of_it() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    assert first_key_at(moment) == conv_key(moment, UUID(int=0))


def test_a_filter_travels_as_json_and_comes_back_equal() -> None:
    wanted = ConversationFilter(
        q="ana", channels=("whatsapp",), from_=datetime(2026, 3, 1, tzinfo=UTC), score_max=6, has=("files",)
    )
    text = msgspec.json.encode(wanted)
    assert msgspec.json.decode(text, type=ConversationFilter) == wanted
    assert b'"from":"2026-03-01T00:00:00Z"' in text


def _holds(fragment: Any, key: int, start: datetime) -> bool:
    """Evaluates the bounds of a fragment on one conversation."""
    result = True
    for column, sign, place in re.findall(r"c\.(conv_key|started_at) (>=|<) \$(\d+)", fragment.sql):
        value = key if column == "conv_key" else start
        bound = fragment.args[int(place) - 1]
        result = result and (value >= bound if sign == ">=" else value < bound)
    return result
