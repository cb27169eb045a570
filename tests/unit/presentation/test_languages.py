"""Which language somebody reads in, and that every language says all of it."""

from datetime import UTC, date, datetime

import pytest

from services.presentation.languages import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    choose_language,
    name_of,
    tag_of,
    translations_of,
)
from services.presentation.reader import make_reader

MOMENT = datetime(2026, 3, 2, 14, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("en", "pt-BR,pt;q=0.9", "en"),
        (None, "pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        (None, "en;q=0.3, pt;q=0.7", "pt"),
        (None, "de, fr;q=0.9, en;q=0.1", "en"),
        (None, "en;q=0, pt;q=0", "es"),
        (None, "", "es"),
        (None, "*, ;q=x, en;q=much", "es"),
        ("xx", "pt", "pt"),
    ],
)
def test_a_reader_s_choice_comes_before_the_browser_s_and_spanish_last(
    chosen: str | None, accepted: str, language: str
) -> None:
    assert choose_language(chosen, accepted) == language


def test_spanish_is_the_source_and_every_catalogue_a_language() -> None:
    assert LANGUAGES[0] == SOURCE_LANGUAGE
    assert set(LANGUAGES) == {"es", "en", "pt"}
    assert translations_of("pt").ugettext("Abierta") == "Aberta"
    assert translations_of("en").ungettext("{n} fila", "{n} filas", 2) == "{n} rows"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", ["lunes 2 de marzo de 2026", "2 mar, 14:05", "2 mar 2026, 14:05:09"]),
        ("pt", ["segunda-feira, 2 de março de 2026", "2 de mar., 14:05", "2 de mar. de 2026, 14:05:09"]),
        ("en", ["Monday, March 2, 2026", "Mar 2, 14:05", "Mar 2, 2026, 14:05:09"]),
    ],
)
def test_dates_are_written_as_the_language_writes_them(language: str, said: list[str]) -> None:
    reader = make_reader(language, "UTC")
    later = date(2026, 5, 1)
    assert [reader.day(MOMENT, later), reader.short(MOMENT, later), reader.exact(MOMENT)] == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_without_today_is_a_date(language: str) -> None:
    reader = make_reader(language, "UTC")
    assert "2026" in reader.day(MOMENT, None)
    assert "2026" not in reader.day(MOMENT, MOMENT.date())


def test_languages_are_called_as_their_own_people_call_them() -> None:
    assert {code: name_of(code) for code in LANGUAGES} == {
        "es": "Español",
        "pt": "Português",
        "en": "English",
    }


def test_a_document_declares_which_portuguese_it_is() -> None:
    assert {code: tag_of(code) for code in LANGUAGES} == {"es": "es", "pt": "pt-BR", "en": "en"}
