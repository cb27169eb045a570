"""One row a field: whatever reads, compiles, describes, counts or writes fields knows every row, and a new one at once."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
import pytest
from bitacora_schemas.exports.formats import CsvSpec, Profile
from multidict import MultiDict

from services.export.renderers.csv import header_line, statement
from services.query.api.described_fields import facets_type, filter_parameters
from services.query.pages.list.chips import chips
from services.query.pages.list.forms import filter_form
from services.query.pages.list.page_query import PageQuery
from services.readmodel.conversation_filter import ConversationFilter, filter_type
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.field import (
    ClosedWords,
    Column,
    Facet,
    Field,
    Has,
    ListHolds,
    OneOf,
    Scored,
    Text,
    Within,
)
from services.readmodel.fields.questions import Fields
from services.readmodel.parameters import parse_filter
from services.readmodel.rows import Facets
from services.readmodel.summaries import facets_statement
from tests.support.fields import MADE_UP, WITH_ONE_MORE, asked_alone, compiled
from tests.support.view_rows import READER

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
PROFILES: tuple[Profile, ...] = ("spreadsheet", "data")
BOTH = pytest.mark.parametrize("fields", [FIELDS, WITH_ONE_MORE], ids=["ours", "with one more"])


@BOTH
def test_every_field_that_can_be_asked_for_is_read_and_narrows_by_its_own_sql(fields: Fields) -> None:
    free = filter_type(fields)()
    for question in fields.questions:
        for params, field in asked_alone(question):
            assert parse_filter(params, timezone="UTC", fields=fields) != free, params
            condition = compiled(params, fields).sql.removeprefix("c.account_id = $1")
            by_key = isinstance(field.ask, Within) and field.ask.way == "key"
            by_activity = isinstance(field.ask, Within) and field.ask.way == "activity"
            expected = "c.conv_key" if by_key else "a.last_activity_at" if by_activity else field.sql
            assert expected in condition, params


@BOTH
def test_the_description_names_every_parameter_once_and_explains_it(fields: Fields) -> None:
    described = filter_parameters(fields)
    assert sorted(each.name for each in described) == sorted(fields.parameters)
    assert [each.name for each in described if not each.description] == []


@BOTH
def test_every_facet_is_counted_and_described(fields: Fields) -> None:
    text = facets_statement("c.account_id = $1", fields)
    described = set(msgspec.json.schema(facets_type(fields))["$defs"]["Facets"]["properties"])
    assert described == {facet.name for _, facet in fields.facets}
    assert all(f"'{name}' AS facet" in text for name in described)


@BOTH
@pytest.mark.parametrize("profile", PROFILES)
def test_every_column_is_named_selected_and_written(fields: Fields, profile: Profile) -> None:
    spec = CsvSpec(profile=profile)
    named = header_line(spec, fields=fields).strip("\ufeff\n").split(",")
    text, _ = statement(spec, compiled({}, fields), fields=fields)
    cells, values = text.split("FROM (", 1)
    assert len(named) == len(fields.columns)
    for (field, column), name in zip(fields.columns, named, strict=True):
        assert name == (column.name if profile == "data" else column.title.format(zone="UTC"))
        assert f" AS {field.name}" in values
        assert f"r.{field.name}" in cells


@BOTH
def test_every_question_stands_in_the_form_on_a_chip_and_in_the_address(fields: Fields) -> None:
    facets: Facets = {facet.name: () for _, facet in fields.facets}
    for question in fields.questions:
        for params, field in asked_alone(question):
            address = urlencode(
                [
                    ({"q": "s", "text": "t"}.get(name, name), value)
                    for name, values in params.items()
                    for value in values
                ]
            )
            query = PageQuery.parse(MultiDict(parse_qsl(address)), fields)
            (chip,) = chips(READER, query, box=query.s, text=query.t, names={})
            assert chip.remove_url == "/", params
            assert PageQuery.parse(MultiDict(parse_qsl(query.address)), fields) == query != PageQuery()
            parameters = query.parameters(box=query.s, text=query.t, zone=READER.zone, now=NOW)
            wanted = parse_filter(parameters, timezone=READER.zone.key, fields=fields)
            assert wanted == parse_filter(params, timezone=READER.zone.key, fields=fields), params
            form = filter_form(READER, query, facets, text_search=True)
            if isinstance(field.ask, OneOf | ListHolds | ClosedWords):
                (picker,) = [each for each in (*form.first, *form.more) if each.name == field.name]
                assert (picker.label, bool(picker.unasked)) == (field.label, True)
                assert [each.value for each in picker.choices if each.chosen] == params[field.name]
            else:
                chosen = [each.value for each in (*form.has, *form.metrics, *form.periods_of) if each.chosen]
                # What a period is about without being asked is not a choice.
                asked = [field.ask.word] if isinstance(field.ask, Has | Scored | Within) else []
                assert chosen == [word for word in asked if word != "started"]


def test_text_of_customers_is_guarded_in_spreadsheets_and_untouched_in_data() -> None:
    for profile in PROFILES:
        text, _ = statement(CsvSpec(profile=profile), compiled({}, WITH_ONE_MORE), fields=WITH_ONE_MORE)
        for field, _ in WITH_ONE_MORE.columns:
            if isinstance(field.kind, Text):
                assert (f"public.csv_guard(r.{field.name})" in text) == (profile == "spreadsheet")


def test_a_filter_over_one_more_field_travels_as_json() -> None:
    kind: Any = filter_type(WITH_ONE_MORE)
    wanted = parse_filter({"thread": ["b", "a"]}, timezone="UTC", fields=WITH_ONE_MORE)
    assert msgspec.json.encode(wanted) == b'{"threads":["a","b"]}'
    assert msgspec.json.decode(b'{"threads":["a","b"]}', type=kind) == wanted
    assert filter_type(FIELDS) is ConversationFilter


@pytest.mark.parametrize(
    ("row", "claimed"),
    [
        (msgspec.structs.replace(MADE_UP, name="chatbot"), "field chatbot"),
        (msgspec.structs.replace(MADE_UP, name="from"), "parameter from"),
        (msgspec.structs.replace(MADE_UP, facet=Facet("channels")), "facet channels"),
        (msgspec.structs.replace(MADE_UP, column=Column(29, "nps", "Otra")), "column nps"),
        (msgspec.structs.replace(MADE_UP, column=Column(3, "thread", "Hilo")), "count from 1"),
    ],
)
def test_two_rows_cannot_claim_the_same(row: Field, claimed: str) -> None:
    with pytest.raises(ValueError, match=claimed):
        Fields((*FIELDS.rows, row))
