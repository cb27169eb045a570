"""Numbers in tables and the words for them."""

import re
from pathlib import Path
from typing import get_args

import pytest
from bitacora_schemas.codes import Code, Direction, Environment, Standing, Status
from bitacora_schemas.events import blocks

from services.chassis.migrations import migrations_directory

COLUMNS = {Environment: "environment", Status: "status", Direction: "direction", Standing: "kind"}
ROOT = Path(__file__).parents[3]
CODE_OF = {"environment": Environment, "status": Status, "direction": Direction}
LITERAL = re.compile(
    r"\b(?P<column>environment|status|direction)\s*(?:=|<>|!=|<=?|>=?|IN\b)\s*\(?\s*(?P<number>\d+)"
    r"(?:\s*/\* (?P<word>\w+) \*/)?"
)
"""A number of a closed set that a statement compares a column with, and the word behind it."""


@pytest.mark.parametrize("code", COLUMNS)
def test_every_word_leads_to_its_number_and_back(code: type[Code]) -> None:
    assert [code.of(word) for word in code.words()] == list(code)
    assert sorted(code) == list(range(1, len(code) + 1))


def test_an_unknown_word_is_no_member() -> None:
    with pytest.raises(ValueError, match="neither is no status"):
        Status.of("neither")


@pytest.mark.parametrize(("code", "column"), COLUMNS.items())
def test_the_tables_allow_exactly_the_numbers_that_have_a_word(code: type[Code], column: str) -> None:
    foundation = (migrations_directory() / "0001_foundation.sql").read_text(encoding="utf-8")
    allowed = re.findall(
        rf"^\s+{column}\s+smallint NOT NULL CHECK \({column} IN \(([\d, ]+)\)\)", foundation, re.MULTILINE
    )
    assert [int(number) for number in allowed[0].split(",")] == list(code)


@pytest.mark.parametrize("code", COLUMNS)
def test_a_stored_number_is_its_member_and_no_other(code: type[Code]) -> None:
    assert [code.stored(int(member)) for member in code] == list(code)
    with pytest.raises(ValueError, match="is no"):
        code.stored(99)


def test_a_number_in_a_statement_says_its_word() -> None:
    found = []
    for file in sorted(path for part in ("services", "cli") for path in (ROOT / part).rglob("*.sql")):
        for each in LITERAL.finditer(file.read_text(encoding="utf-8")):
            member = CODE_OF[each["column"]].stored(int(each["number"]))
            assert each["word"] == member.word, f"{file.relative_to(ROOT)}: {each[0]}"
            found.append(file.stem)
    assert {"idle_sweeper", "retention"} <= set(found)


def test_events_know_the_same_environments_as_tables() -> None:
    assert Environment.words() == get_args(blocks.Environment)
