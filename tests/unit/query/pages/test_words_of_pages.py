"""What pages say when something is refused, fails or waits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from bitacora_schemas.exports.error_codes import MEANINGS, ErrorCode
from bitacora_schemas.exports.formats import FORMATS, Format
from bitacora_schemas.exports.states import MOVES, UNFINISHED, WITH_FILE

from services.presentation.contacts import phone
from services.query.exports import ExportJob
from services.query.pages.exports.view import job, problem
from services.query.pages.list import understanding
from services.query.pages.list.choices import KEPT_FOR, NOTHING, ChoiceCache
from services.query.pages.page import local_path
from services.query.pages.problem.view import problem_view
from services.query.pages.sign_in import refusals
from services.query.problems import TITLES
from services.readmodel.filters import BadFilter, Problem
from tests.support.view_rows import READER

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.mark.parametrize("code", sorted(TITLES))
def test_every_problem_says_what_to_do_and_where_to_go(code: str) -> None:
    view = problem_view(READER, code, "req-1", path="/conversations/x/end")
    assert view.title
    assert view.advice
    assert view.link_url.startswith("/")


def test_a_refused_filter_names_the_field_and_the_remedy() -> None:
    (text,) = understanding.filter_problems(READER, BadFilter(Problem("q", "too_short", "…")))
    assert text == "Revisa la búsqueda. Escribe al menos 3 letras seguidas, o 3 cifras de un teléfono."


def test_the_box_says_how_it_read_a_phone_and_is_silent_about_words() -> None:
    assert understanding.contact_box(READER, "+55 11 90000-1234").startswith("Leído como teléfono")
    assert understanding.contact_box(READER, "lucía méndez") == ""


def test_waiting_is_told_in_time() -> None:
    assert "1 min 30 s" in refusals.refusal(READER, "wait", timedelta(seconds=90))


@pytest.mark.parametrize("path", ["//example.com", "https://example.com", "/\\example.com", "", "/a\nb"])
def test_the_way_back_never_leads_elsewhere(path: str) -> None:
    assert local_path(path) == "/"


def test_the_way_back_keeps_the_query_of_a_page_of_ours() -> None:
    assert local_path("/?status=open&cursor=x") == "/?status=open&cursor=x"


def test_phones_read_in_their_countrys_grouping_and_masked_ones_stay() -> None:
    assert phone("+5511900001234") == "+55 11 90000-1234"
    assert phone("+55 ** *****-1234") == "+55 ** *****-1234"
    assert phone("no phone") == "no phone"


def export_job(**values: Any) -> ExportJob:
    given: dict[str, Any] = dict.fromkeys(ExportJob.__struct_fields__)
    given |= {
        "id": UUID(int=5),
        "format": "csv",
        "state": "queued",
        "created_at": NOW,
        "spec": {"filter": {}},
        "cancel_requested": False,
    }
    return ExportJob(**(given | values))


def test_a_finished_export_offers_its_file_and_says_until_when() -> None:
    done = export_job(state="succeeded", rows=1234, bytes=180_200, expires_at=NOW + timedelta(days=7))
    view = job(READER, done, date(2026, 3, 2))
    assert view.download_url == f"/exports/{UUID(int=5)}/file"
    assert view.facts == ("1.234 filas", "180 kB", "disponible hasta 9 mar, 11:00")


def test_a_failed_export_says_why_and_offers_no_file() -> None:
    view = job(READER, export_job(state="failed", error_code="worker_lost"), date(2026, 3, 2))
    assert view.download_url == ""
    assert "se detuvo" in view.problem


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_every_reason_why_an_export_failed_has_words_of_its_own(code: ErrorCode) -> None:
    words = job(READER, export_job(state="failed", error_code=code), date(2026, 3, 2)).problem
    assert words.endswith(".")
    assert code not in words
    others = {problem(READER, other) for other in MEANINGS if other != code}
    assert words not in others


def test_a_reason_of_another_version_is_shown_as_it_is() -> None:
    assert "(from_later)" in problem(READER, cast("ErrorCode", "from_later"))
    assert "papyrus" in job(READER, export_job(format="papyrus"), date(2026, 3, 2)).name


@pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda row: str(row.name))
def test_a_job_of_every_format_in_every_state_can_be_shown(format_: Format) -> None:
    spec: dict[str, Any] = {"filter": {}} if format_.of_filter else {"conversation_id": "x"}
    for value in MOVES:
        shown = job(READER, export_job(format=format_.name, state=value, spec=spec), date(2026, 3, 2))
        assert format_.label in shown.name
        assert shown.state.label
        assert shown.running == (value in UNFINISHED)
        assert bool(shown.download_url) == (value == WITH_FILE)


def test_choices_are_counted_anew_after_a_while() -> None:
    cache = ChoiceCache()
    assert cache.find(1, NOW) is None
    cache.keep(1, NOW, NOTHING)
    assert cache.find(1, NOW + KEPT_FOR / 2) is NOTHING
    assert cache.find(1, NOW + KEPT_FOR) is None
    assert cache.find(2, NOW) is None
