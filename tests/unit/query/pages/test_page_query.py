"""The state of the list page: parsed from addresses and forms, and back to an address."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from multidict import MultiDict

from services.query.pages.list.page_query import DateFields, PageQuery, date_fields, parse_form

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # still the first of March in São Paulo


def query(address: str) -> PageQuery:
    return PageQuery.parse(MultiDict(parse_qsl(address)))


def test_an_empty_address_asks_nothing_and_reads_back_as_the_root() -> None:
    assert query("").url == "/"


def test_a_state_survives_its_address() -> None:
    state = PageQuery(
        s="abc", period="7d", asked={"score_min": "9", "channel": "whatsapp"}, has=("comment", "files")
    )
    assert PageQuery.parse(MultiDict([("s", "abc"), ("period", "7d"), ("channel", "whatsapp"),
                                      ("has", "files"), ("has", "comment"), ("score_min", "9")])) == state  # fmt: skip
    assert state.address == "s=abc&period=7d&channel=whatsapp&score_min=9&has=comment&has=files"


def test_what_cannot_be_meant_is_left_out() -> None:
    state = query("status=maybe&period=9d&from=yesterday&score_min=much&metric=xyz&has=nothing")
    assert state == PageQuery()


def test_today_is_the_readers_day_not_the_servers() -> None:
    start, end = PageQuery(period="today").bounds(ZONE, NOW)
    assert (start, end) == (datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2026, 3, 2, 3, tzinfo=UTC))


def test_a_week_has_seven_days_with_today() -> None:
    start, end = PageQuery(period="7d").bounds(ZONE, NOW)
    assert start is not None
    assert end is not None
    assert (end - start).days == 7


def test_a_form_with_dates_only_takes_the_last_day_whole() -> None:
    asked = parse_form(MultiDict(period="custom", from_date="2026-03-01", to_date="2026-03-02"))
    assert (asked.query.start, asked.query.end) == ("2026-03-01T00:00", "2026-03-03T00:00")
    assert date_fields(asked.query) == DateFields("2026-03-01", "", "2026-03-02", "")


def test_a_form_with_times_is_taken_to_the_minute() -> None:
    asked = parse_form(
        MultiDict(
            period="custom", from_date="2026-03-01", from_time="09:30", to_date="2026-03-01", to_time="18:00"
        )
    )
    assert (asked.query.start, asked.query.end) == ("2026-03-01T09:30", "2026-03-01T18:00")
    assert not asked.period_ends_before_it_starts


def test_a_period_that_ends_before_it_starts_is_noticed() -> None:
    asked = parse_form(MultiDict(period="custom", from_date="2026-03-05", to_date="2026-03-01"))
    assert asked.period_ends_before_it_starts


def test_personal_terms_of_a_form_never_reach_the_address() -> None:
    asked = parse_form(MultiDict(q="ana@example.com", text="mi clave", channel="whatsapp"))
    assert (asked.box, asked.text) == ("ana@example.com", "mi clave")
    assert asked.query.address == "channel=whatsapp"


def test_the_filter_compiler_gets_instants_with_their_zone() -> None:
    parameters = PageQuery(start="2026-03-01T00:00").parameters(box="ana", text="", zone=ZONE, now=NOW)
    assert parameters["from"] == ["2026-03-01T03:00:00+00:00"]
    assert parameters["q"] == ["ana"]
