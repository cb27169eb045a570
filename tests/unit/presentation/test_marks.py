"""Message text becomes nodes: WhatsApp's marks, links, and controls that cannot be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.presentation.marks import Node, message_nodes, plain_nodes


def kinds(text: str) -> list[tuple[str, str]]:
    return [(node.kind, node.text) for node in message_nodes(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("*hola*", "bold"),
        ("_hola_", "italic"),
        ("~hola~", "strike"),
        ("`hola`", "code"),
        ("```hola```", "code"),
    ],
)
def test_whatsapp_marks_become_their_kind(text: str, kind: str) -> None:
    assert kinds(text) == [(kind, "hola")]


@pytest.mark.parametrize("text", ["2*3*4", "a_b_c", "* hola *", "**", "5 * 3 = 15 * 1", "snake_case_name"])
def test_signs_inside_words_or_beside_spaces_are_plain_text(text: str) -> None:
    assert kinds(text) == [("text", text)]


def test_a_mark_does_not_reach_over_a_line_break() -> None:
    assert kinds("*hola\nchau*") == [("text", "*hola"), ("break", ""), ("text", "chau*")]


def test_a_link_ends_before_the_punctuation_of_its_sentence() -> None:
    nodes = message_nodes("Mira https://example.com/a_b_c?x=1, gracias")
    assert nodes[1] == Node("link", "https://example.com/a_b_c?x=1", href="https://example.com/a_b_c?x=1")
    assert nodes[2] == Node("text", ", gracias")


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "ftp://example.com", "//example.com"]
)
def test_only_http_and_https_become_links(text: str) -> None:
    assert all(node.kind != "link" for node in message_nodes(text))


def test_invisible_direction_controls_are_named() -> None:
    assert [(node.kind, node.text) for node in plain_nodes("gnp\u202eexe")] == [
        ("text", "gnp"),
        ("control", "RLO"),
        ("text", "exe"),
    ]


def test_joined_emoji_stay_whole() -> None:
    assert kinds("👨\u200d👩\u200d👧") == [("text", "👨\u200d👩\u200d👧")]


@given(st.text(max_size=200))
def test_no_text_is_lost_and_every_link_is_a_web_address(text: str) -> None:
    nodes = message_nodes(text)
    shown = "".join(node.text for node in nodes if node.kind not in {"control", "break"})
    assert {*shown} <= {*text}
    assert all(node.href.startswith(("http://", "https://")) for node in nodes if node.kind == "link")
