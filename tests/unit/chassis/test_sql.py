from pathlib import Path

import pytest

from services.chassis.sql import SqlFileError, load_statements, parse_statements


def test_statements_are_found_by_name(tmp_path: Path) -> None:
    path = tmp_path / "queries.sql"
    path.write_text(
        "-- About the file.\n\n-- name: one\n-- Why.\nSELECT 1;\n\n-- name: two_b\nSELECT\n  2 -- inside\n;\n"
    )
    statements = load_statements(path)
    assert dict(statements) == {
        "one": "-- name: one\nSELECT 1",
        "two_b": "-- name: two_b\nSELECT\n  2 -- inside",
    }


def test_a_comment_explains_its_statement() -> None:
    (statement,) = parse_statements("-- name: one\n-- Why it\n-- exists.\nSELECT 1", source="x.sql")
    assert statement.comment == "Why it exists."
    assert not statement.template


def test_a_template_is_marked() -> None:
    (statement,) = parse_statements("-- name: one\n-- template\n-- Why.\nSELECT {columns}", source="x.sql")
    assert statement.template
    assert statement.comment == "Why."


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SELECT 1", "x.sql:1: a statement stands before"),
        ("", "holds no"),
        ("-- name: Two Words\nSELECT 1", "x.sql:1: 'Two Words' is not"),
        ("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2", "x.sql:3: the name a is used twice"),
        ("-- name: a\n-- only a comment\n", "x.sql:1: the name a has no statement"),
        ("-- name:\nSELECT 1", "x.sql:1: '' is not"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(SqlFileError, match=complaint):
        parse_statements(text, source="x.sql")
