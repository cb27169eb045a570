"""The message catalogues, `services/presentation/locale/<language>/LC_MESSAGES/bitacora.po`: what the sources say in
Spanish, with what people wrote beside it. New messages come in empty, dead ones go; translations are kept.
"""

import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "services"
CATALOGUES = "services/presentation/locale/{language}/LC_MESSAGES/bitacora.po"
LANGUAGES = {"pt": "Brazilian Portuguese", "en": "English"}
"""What is translated; Spanish is the source."""

KEYWORDS = {"_": 1, "gettext": 1, "mark": 1, "ngettext": 2}
"""Functions that translate, with the number of texts they are given."""

_WIDTH = 118
_HEADER = """\
# {name}. The ids are the Spanish of the sources; `make generate` adds and drops them, people write the rest.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


class Message(NamedTuple):
    """A text of the sources; `plural` is empty where there is one form."""

    text: str
    plural: str = ""


def files() -> dict[str, str]:
    """One catalogue a language, in the order of the texts and without line numbers, so that a change stays small."""
    messages = extract()
    return {
        CATALOGUES.format(language=language): render(language, messages, read_catalogue(language))
        for language in LANGUAGES
    }


def extract() -> set[Message]:
    """Every text that Python and templates under `services/` have translated."""
    found: set[Message] = set()
    for path in SOURCES.rglob("*.py"):
        found.update(of_python(path.read_text("utf-8")))
    for path in SOURCES.rglob("*.html"):
        found.update(of_template(path.read_text("utf-8")))
    return found


def of_python(source: str) -> Iterator[Message]:
    """The texts of one module. From its syntax tree: tokens of an f-string differ from one Python to the next."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (count := KEYWORDS.get(called(node), 0)):
            texts = [each.value for each in node.args[:count] if isinstance(each, ast.Constant)]
            if len(texts) == count:
                yield Message(*(str(text) for text in texts))


def called(call: ast.Call) -> str:
    """The last name of what is called: `gettext` for `reader.gettext(...)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def of_template(source: str) -> Iterator[Message]:
    """The texts of one template."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    for _line, _function, texts in extract_from_ast(tree, tuple(KEYWORDS)):
        found = (texts,) if isinstance(texts, str) else texts or ()
        yield Message(*(text for text in found if text))


def read_catalogue(language: str) -> Catalog:
    """What is translated so far; an empty catalogue where there is none."""
    path = ROOT / CATALOGUES.format(language=language)
    if not path.is_file():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def forms(text: object) -> tuple[str, ...]:
    """A text of a catalogue as its forms, one or two; an empty form where nothing was written."""
    return tuple(str(each or "") for each in text) if isinstance(text, list | tuple) else (str(text or ""),)


def render(language: str, messages: set[Message], known: Catalog) -> str:
    """The catalogue of `messages` as text, with the translations, notes and marks that `known` has for them."""
    catalogue = Catalog(language)
    for message in messages:
        old = known.get(message.text)
        same_forms = old is not None and bool(old.pluralizable) == bool(message.plural)
        catalogue.add(
            (message.text, message.plural) if message.plural else message.text,
            string=old.string if old is not None and same_forms else None,
            flags=old.flags if old is not None else (),
            user_comments=old.user_comments if old is not None else (),
        )
    out = io.BytesIO()
    write_po(out, catalogue, width=_WIDTH, omit_header=True, sort_output=True, ignore_obsolete=True)
    name = LANGUAGES[language]
    return _HEADER.format(name=name, language=language) + out.getvalue().decode().strip() + "\n"
