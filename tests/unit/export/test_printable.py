import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.export.glyphs import REPLACEMENT, replace_undrawable
from services.export.printable import (
    LONGEST_TOKEN,
    ZERO_WIDTH_SPACE,
    Run,
    breakable,
    clean,
    plain,
    runs_of,
)
from services.presentation.marks import LONGEST_LINK, message_nodes, plain_nodes


def test_short_words_stay_whole_and_long_ones_get_places_to_break() -> None:
    assert breakable("una frase corta") == "una frase corta"
    broken = breakable("x" * 100)
    assert max(len(piece) for piece in broken.split(ZERO_WIDTH_SPACE)) < LONGEST_TOKEN
    assert broken.replace(ZERO_WIDTH_SPACE, "") == "x" * 100


def test_long_addresses_break_after_their_signs() -> None:
    broken = breakable("martin.quinones51@mail.example.com")
    assert broken.split(ZERO_WIDTH_SPACE) == ["martin.", "quinones51@", "mail.", "example.", "com"]


@pytest.mark.parametrize("unit", ["👨‍👩‍👧‍👦", "👍🏽", "🇧🇷", "我", "e\u0301", "कि"])
def test_no_break_falls_inside_what_is_drawn_as_one(unit: str) -> None:
    pieces = breakable("x" + unit * 40).split(ZERO_WIDTH_SPACE)
    assert all(piece.startswith(unit[0]) for piece in pieces[1:])
    assert "".join(pieces) == "x" + unit * 40


@given(st.text())
def test_taking_links_apart_loses_no_letter(text: str) -> None:
    # Combining marks may join a letter before them only where both stand in one run.
    nodes = message_nodes(text)
    printed = "".join(run.text for run in runs_of(nodes)).replace(ZERO_WIDTH_SPACE, "")
    assert unicodedata.normalize("NFC", printed) == unicodedata.normalize("NFC", plain(nodes))


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs"])))
def test_a_text_without_marks_is_printed_letter_by_letter(text: str) -> None:
    printed = "".join(run.text for run in runs_of(plain_nodes(text))).replace(ZERO_WIDTH_SPACE, "")
    assert printed == unicodedata.normalize("NFC", text)


def test_a_link_leads_where_it_says_and_leaves_the_full_stop_out() -> None:
    assert runs_of(message_nodes("mira https://example.com/a?b=1.")) == (
        Run("mira "),
        Run("https://example.com/a?b=1", "https://example.com/a?b=1"),
        Run("."),
    )


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "file:///etc/passwd", "https://example.com/" + "a" * LONGEST_LINK]
)
def test_what_must_not_be_followed_is_no_link(text: str) -> None:
    assert all(run.href is None for run in runs_of(message_nodes(text)))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b", "ab"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("devolucio\u0301n", "devolución"),
        ("\ud800x", "x"),
    ],
)
def test_what_cannot_be_drawn_is_left_out(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_characters_without_a_glyph_are_replaced_and_counted() -> None:
    assert replace_undrawable("año ☃☃", frozenset("año ")) == (f"año {REPLACEMENT}{REPLACEMENT}", 2)
    assert replace_undrawable("año", frozenset("año")) == ("año", 0)
