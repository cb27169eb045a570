"""Numbers in tables and the words for them."""

import re

import pytest
from bitacora_schemas.codes import Code, Direction, Environment, Standing, Status

from services.chassis.migrations import migrations_directory

COLUMNS = {Environment: "environment", Status: "status", Direction: "direction", Standing: "kind"}


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
