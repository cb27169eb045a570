"""What the words of a request mean, and how they are refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.readmodel.filters import BadFilter, ConversationFilter, parameters_of, parse_filter


def parse(timezone: str = "America/Sao_Paulo", **params: str | list[str]) -> ConversationFilter:
    """Parses parameters given as words; `from_` stands for `from`."""
    return parse_filter(
        {name.rstrip("_"): [value] if isinstance(value, str) else value for name, value in params.items()},
        timezone=timezone,
    )


def test_nothing_asked_is_everything() -> None:
    assert parse() == ConversationFilter()
    assert parse(q=" ", chatbot=["", " "], from_="") == ConversationFilter()


def test_lists_are_repeated_and_closed_words_take_commas() -> None:
    wanted = parse(
        chatbot=["b", "a,c", "b"], channel="web,sms", status=["open", "ended"], has="files,transferred"
    )
    assert wanted.chatbots == ("a,c", "b")
    assert wanted.channels == ("sms", "web")
    assert wanted.statuses == ("ended", "open")
    assert wanted.has == ("files", "transfer")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", datetime(2026, 3, 1, 3, tzinfo=UTC)),
        ("2026-03-01T10:30", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
        ("2026-03-01T10:30:00Z", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)),
        ("2026-03-01T10:30:00.123456+02:00", datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)),
        # A plus that a careless client left unescaped arrives as a blank.
        ("2026-03-01T10:30:00 02:00", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_times_without_an_offset_are_local(text: str, expected: datetime) -> None:
    assert parse(from_=text).from_ == expected


def test_the_parameter_timezone_wins_over_the_viewers() -> None:
    wanted = parse_filter({"from": ["2026-03-01"], "timezone": ["Asia/Tokyo"]}, timezone="America/Sao_Paulo")
    assert wanted.from_ == datetime(2026, 2, 28, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("params", "parameter", "code"),
    [
        ({"chatbto": ["x"]}, "chatbto", "unknown_parameter"),
        ({"status": ["closed"]}, "status", "not_allowed"),
        ({"environment": ["staging"]}, "environment", "not_allowed"),
        ({"has": ["files,money"]}, "has", "not_allowed"),
        ({"sort": ["started", "activity"]}, "sort", "repeated"),
        ({"from": ["2026-13-01"]}, "from", "not_a_time"),
        ({"from": ["0001-01-01T00:00+14:00"]}, "from", "not_a_time"),
        ({"from": ["2026-03-02"], "to": ["2026-03-02"]}, "to", "empty_range"),
        ({"score_min": ["nan"]}, "score_min", "not_a_number"),
        ({"score_min": ["7"], "score_max": ["3"]}, "score_max", "empty_range"),
        ({"timezone": ["Mars/Olympus"]}, "timezone", "unknown_timezone"),
        ({"timezone": ["../../etc/passwd"]}, "timezone", "unknown_timezone"),
        ({"q": ["ab"]}, "q", "too_short"),
        ({"q": ["x" * 201]}, "q", "too_long"),
        ({"chatbot": [str(number) for number in range(51)]}, "chatbot", "too_many"),
        ({"text": ["a\x00b"]}, "text", "not_allowed"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    params: dict[str, list[str]], parameter: str, code: str
) -> None:
    with pytest.raises(BadFilter) as refused:
        parse_filter(params, timezone="UTC")
    assert (refused.value.parameter, refused.value.code) == (parameter, code)


def test_all_problems_come_together() -> None:
    with pytest.raises(BadFilter) as refused:
        parse_filter({"status": ["x"], "from": ["y"], "z": ["1"]}, timezone="UTC")
    assert {each.parameter for each in refused.value.problems} == {"status", "from", "z"}


def test_pairs_of_a_query_string_are_grouped_in_order() -> None:
    assert parameters_of([("a", "1"), ("b", "2"), ("a", "3")]) == {"a": ["1", "3"], "b": ["2"]}
