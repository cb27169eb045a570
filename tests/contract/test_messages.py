"""What people read is said once, in Spanish, and is there in every language."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes

from cli.generate.messages import (
    CATALOGUES,
    KEYWORDS,
    LANGUAGES,
    ROOT,
    SOURCES,
    called,
    extract,
    forms,
    read_catalogue,
)

SHOWN = {"title", "aria-label", "placeholder", "alt", "label", "summary"}
"""Attributes that people read or hear."""

SAME_EVERYWHERE = {"Bitácora", "HSM", "NPS", "CSAT", "PDF", "CSV", "Enter"}
"""Names that no language translates. A single letter is a key."""

SQL_TEXT = re.compile(r"'([^']*)'")
SPANISH = re.compile(r"[áéíóúüñÁÉÍÓÚÜÑ¿¡«»]")


Pairs = list[tuple[tuple[str, ...], tuple[str, ...]]]


@pytest.fixture(scope="module", params=LANGUAGES)
def pairs(request: pytest.FixtureRequest) -> Pairs:
    """The forms of every message, and those of its translation."""
    return [(forms(each.id), forms(each.string)) for each in read_catalogue(request.param) if each.id]


def test_every_message_is_translated(pairs: Pairs) -> None:
    assert [source for source, written in pairs if not all(written)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_waits_for_a_second_look(language: str) -> None:
    assert [each.id for each in read_catalogue(language) if each.id and each.fuzzy] == []


def test_a_translation_has_the_places_of_its_source(
    pairs: Pairs,
) -> None:
    wrong = [
        (source, text)
        for source, written in pairs
        for text in written
        if places(text) != set().union(*map(places, source))
    ]
    assert wrong == []


def test_a_translation_ends_as_its_source_does(
    pairs: Pairs,
) -> None:
    # A full stop too many, a lost colon or a space at the end shows on the page.
    wrong = [
        (source, text) for source, written in pairs for text in written if ending(text) != ending(source[0])
    ]
    assert wrong == []


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def ending(text: str) -> str:
    return text[-1:] if text.endswith((".", ":", "?", "…", " ")) else ""


def test_no_other_catalogue_lies_about() -> None:
    expected = {ROOT / CATALOGUES.format(language=language) for language in LANGUAGES}
    found = {path for ending in ("po", "pot", "mo") for path in SOURCES.rglob(f"*.{ending}")}
    assert found == expected


@pytest.mark.parametrize("template", sorted(SOURCES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_says_nothing_untranslated(template: Path) -> None:
    source = template.read_text("utf-8")
    assert [*bare_words(source), *bare_constants(source)] == []


def bare_words(source: str) -> list[str]:
    """Words that people read and that stand in the mark-up itself."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    kept, code = [], 0
    for _line, kind, text in environment.lex(source):
        code += kind in {"block_begin", "variable_begin", "comment_begin"}
        if kind == "data" and not code:
            kept.append(text)
        code -= kind in {"block_end", "variable_end", "comment_end"}
    reader = Words()
    reader.feed("".join(kept))
    return [text for text in reader.found if not is_the_same_everywhere(text)]


class Words(HTMLParser):
    """Collects text and the attributes that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found += data.split("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in SHOWN and value]


def is_the_same_everywhere(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text)
    return all(len(word) == 1 or word in SAME_EVERYWHERE for word in words)


def bare_constants(source: str) -> list[str]:
    """Texts inside a template's code that are plainly Spanish and go through no translation."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    translated = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in KEYWORDS
        for argument in call.args
    }
    return [
        str(each.value)
        for each in tree.find_all(nodes.Const)
        if id(each) not in translated and isinstance(each.value, str) and is_bare(each.value)
    ]


def is_bare(text: str) -> bool:
    return bool(SPANISH.search(text)) and not is_the_same_everywhere(text)


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Messages that cannot be a code or the name of a field: they have a capital or a space."""
    texts = {text for message in extract() for text in message if text}
    return {text for text in texts if text[:1].isupper() or " " in text} - SAME_EVERYWHERE


@pytest.mark.parametrize("folder", ["query/pages", "query/api", "export", "presentation", "readmodel"])
def test_python_says_nothing_untranslated(folder: str, sentences: set[str]) -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sorted((SOURCES / folder).rglob("*.py"))
        for line, text in untranslated(path.read_text("utf-8"))
        if is_bare(text) or text in sentences
    ]
    assert bare == []


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """String literals that no function translates, docstrings aside, with their lines."""
    tree = ast.parse(source)
    passed_over: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in KEYWORDS:
            passed_over.update(map(id, node.args))
        if isinstance(node, ast.Expr):
            passed_over.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed_over:
            yield node.lineno, node.value


@pytest.mark.parametrize("folder", ["query", "export", "readmodel"])
def test_sql_says_nothing_to_people(folder: str) -> None:
    spoken = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted((SOURCES / folder).rglob("*.sql"))
        for text in SQL_TEXT.findall(path.read_text("utf-8"))
        if SPANISH.search(text)
    ]
    assert spoken == []
