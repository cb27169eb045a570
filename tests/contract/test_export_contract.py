"""One contract of exports: its formats, states and codes are those of the renderers, the API and the documents."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from bitacora_schemas.exports.error_codes import MEANINGS, PASSING, PERMANENT, ErrorCode
from bitacora_schemas.exports.events import ReleasedFormat
from bitacora_schemas.exports.formats import (
    FORMATS,
    LANGUAGES,
    ExportRequest,
    FileKind,
    Format,
    FormatName,
    PdfRequest,
    PdfSpec,
    Spec,
)
from bitacora_schemas.exports.states import MOVES, UNFINISHED, WITH_FILE, ExportState
from bitacora_schemas.exports.stored import spec_from_row, spec_to_row

from services.export.renderers import RENDERERS
from services.query.api.openapi import build_document

ROOT = Path(__file__).parents[2]
SCHEMAS = build_document()["components"]["schemas"]
PAGE = (ROOT / "docs" / "export-states.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"
]
SOME_ID = "6f0b1c1e-6d3a-4c55-9f0a-0c1f5b7d2a11"


def words(*cells: str) -> list[str]:
    """The words of these cells that stand in backquotes or between commas."""
    return [word.strip(" `") for cell in cells for word in cell.split(",")]


def test_every_format_has_one_row_one_request_one_specification_and_a_renderer() -> None:
    assert list(FORMATS) == list(get_args(FormatName))
    assert [row.request for row in FORMATS.values()] == list(get_args(ExportRequest))
    assert [row.spec for row in FORMATS.values()] == list(get_args(Spec))
    for row in FORMATS.values():
        assert row.request.__struct_config__.tag == row.spec.__struct_config__.tag == row.name
        assert set(row.spec.__struct_fields__) == set(row.request.__struct_fields__)
        assert ("locale" in row.spec.__struct_fields__) == bool(row.languages)
    assert {row.renderer for row in FORMATS.values()} == set(RENDERERS)


def test_formats_are_among_the_words_that_kafka_readers_were_promised() -> None:
    assert set(FORMATS) <= set(get_args(ReleasedFormat))


def test_a_format_that_hides_identifiers_must_be_able_to_say_so() -> None:
    with pytest.raises(TypeError, match="hidden"):
        Format(
            name="pdf", label="PDF", request=PdfRequest, spec=PdfSpec, renderer="pdf",
            file=FileKind("pdf", "application/pdf"), hides_identifiers=True,
        )  # fmt: skip


@pytest.mark.parametrize("row", FORMATS.values(), ids=lambda row: str(row.name))
def test_a_specification_comes_back_from_its_row_as_it_went_in(row: Format) -> None:
    about = {"filter": {"channels": ["fax"]}} if row.of_filter else {"conversation_id": SOME_ID}
    spec = spec_from_row(row.name, {**about, "timezone": "Europe/Madrid"})
    name, stored = spec_to_row(spec)
    assert name == row.name
    assert "format" not in stored
    assert stored.items() >= about.items()
    assert spec_from_row(name, msgspec.json.decode(msgspec.json.encode(stored))) == spec


@pytest.mark.parametrize("stored", [None, [], "csv", {"profile": "poster"}])
def test_what_is_no_specification_is_refused(stored: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        spec_from_row("csv", stored)
    with pytest.raises(msgspec.ValidationError):
        spec_from_row("papyrus", {})


def test_the_api_says_formats_states_codes_and_languages_as_the_contract_does() -> None:
    job = SCHEMAS["ExportJob"]["properties"]
    assert set(job["format"]["enum"]) == set(FORMATS)
    assert set(job["state"]["enum"]) == set(MOVES)
    code = next(each for each in job["error_code"]["anyOf"] if "enum" in each)
    assert set(code["enum"]) == set(MEANINGS)
    for row in FORMATS.values():
        properties = SCHEMAS[row.request.__name__]["properties"]
        assert properties["format"]["enum"] == [row.name]
        assert ("gzip" in properties) == row.gzip
        assert properties.get("locale", {}).get("enum", []) == list(row.languages)
    assert LANGUAGES


def test_states_and_their_moves_are_complete() -> None:
    assert set(MOVES) == set(get_args(ExportState))
    assert set().union(*MOVES.values()) | {"queued"} == set(MOVES)
    assert WITH_FILE in MOVES
    assert {state for state in MOVES if "cancelled" in MOVES[state]} == UNFINISHED


def test_the_page_of_states_says_what_the_contract_says() -> None:
    rows = {state: row for row in ROWS for state in words(row[0]) if state in MOVES}
    assert set(rows) == set(MOVES)
    assert {state for state, row in rows.items() if row[2]} == {state for state in MOVES if MOVES[state]}
    drawing = PAGE.split("```")[1]
    assert set(re.findall(r"[a-z]+", drawing)) >= set(MOVES)


def test_codes_are_permanent_or_passing_and_the_page_says_which() -> None:
    assert set(MEANINGS) == set(get_args(ErrorCode)) == PERMANENT | PASSING
    meanings = {str(code): meaning for code, meaning in MEANINGS.items()}
    said = {code: row for row in ROWS for code in words(row[0]) if code in MEANINGS}
    assert set(said) == set(MEANINGS)
    for code, (_, meaning, again) in said.items():
        assert meaning == meanings[code]
        expected = {
            (True, False): "no",
            (False, True): "yes",
            (True, True): "typesetting only",
        }[code in PERMANENT, code in PASSING]
        assert again == expected, code
