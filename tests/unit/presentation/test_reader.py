"""Moments, numbers and spans as people read them."""

from datetime import UTC, date, datetime

import pytest

from services.presentation.reader import make_reader
from tests.support.view_rows import READER


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "—"), (0, "0 s"), (45, "45 s"), (200, "3 min 20 s"), (180, "3 min"), (7_500, "2 h 5 min"),
     (3_605, "1 h"), (356_400, "4 d 3 h")],
)  # fmt: skip
def test_a_span_has_at_most_its_two_largest_units(seconds: int | None, text: str) -> None:
    assert READER.duration(seconds) == text


def test_numbers_have_spanish_separators() -> None:
    assert READER.number(12345.5) == "12.345,5"


def test_sizes_use_the_largest_unit_that_reads_well() -> None:
    assert [READER.bytes(size) for size in (None, 830, 12_400, 183_000, 3_100_000)] == [
        "", "830 B", "12,4 kB", "183 kB", "3,1 MB",
    ]  # fmt: skip


def test_today_and_yesterday_are_the_readers_days() -> None:
    late = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)  # 23:30 of the first in São Paulo
    assert READER.short(late, date(2026, 3, 1)) == "Hoy 23:30"
    assert READER.short(late, date(2026, 3, 2)) == "Ayer 23:30"
    assert READER.short(late, date(2027, 1, 1)) == "1 mar 2026, 23:30"


def test_the_zone_is_said_with_its_offset() -> None:
    assert READER.zone_name(datetime(2026, 3, 2, tzinfo=UTC)) == "hora de Brasilia (UTC−3)"
    kolkata = make_reader("es", "Asia/Kolkata")
    assert kolkata.offset(datetime(2026, 3, 2, tzinfo=UTC)) == "UTC+5:30"


def test_an_unknown_zone_reads_as_utc_and_an_unknown_language_as_spanish() -> None:
    reader = make_reader("xx", "Nowhere/At_All")
    assert reader.locale.language == "es"
    assert reader.offset(datetime(2026, 3, 2, tzinfo=UTC)) == "UTC"


def test_utc_is_called_by_its_name() -> None:
    assert make_reader("es", "UTC").zone_name(datetime(2026, 3, 2, tzinfo=UTC)) == "UTC"


@pytest.mark.parametrize(
    ("language", "number", "zone"),
    [("es", "12.345,5", "hora de Brasilia (UTC−3)"), ("pt", "12.345,5", "Horário de Brasília (UTC−3)"),
     ("en", "12,345.5", "Brasilia Time (UTC−3)")],
)  # fmt: skip
def test_numbers_and_zones_read_as_the_language_has_them(language: str, number: str, zone: str) -> None:
    reader = make_reader(language, "America/Sao_Paulo")
    assert reader.number(12345.5) == number
    assert reader.zone_name(datetime(2026, 3, 2, tzinfo=UTC)) == zone


def test_spreadsheets_part_cells_by_what_their_language_expects() -> None:
    delimiters = {language: make_reader(language, "UTC").delimiter for language in ("es", "pt", "en")}
    assert delimiters == {"es": ";", "pt": ";", "en": ","}
