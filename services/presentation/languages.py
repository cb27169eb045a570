"""The languages people read in: Spanish is what the sources say, the others come from catalogues of messages."""

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

SOURCE_LANGUAGE = "es"
LOCALE = Path(__file__).parent / "locale"
_CATALOGUE = "LC_MESSAGES/bitacora.po"
_MOST_RANGES = 20

LANGUAGES: tuple[str, ...] = (
    SOURCE_LANGUAGE,
    *sorted(path.parents[1].name for path in LOCALE.glob(f"*/{_CATALOGUE}")),
)
"""Spanish first, then what has a catalogue."""


_TAGS = {"pt": "pt-BR"}


def tag_of(language: str) -> str:
    """What a document declares of a language (BCP 47): `es`; our Portuguese is Brazil's, `pt-BR`."""
    return _TAGS.get(language, language)


def name_of(language: str) -> str:
    """A language as its own people call it: `Português`."""
    return str(Locale.parse(language).language_name).capitalize()


def mark(text: str) -> str:
    """A text that stands in a table and is translated where it is read: marked so that it gets into the catalogues."""
    return text


@cache
def translations_of(language: str) -> NullTranslations:
    """The catalogue of one of LANGUAGES, compiled in memory on first use. A message that it lacks stays Spanish."""
    if language == SOURCE_LANGUAGE or language not in LANGUAGES:
        return NullTranslations()
    with (LOCALE / language / _CATALOGUE).open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def choose_language(chosen: str | None, accepted: str) -> str:
    """The language of a reader: their own choice, else the first that the browser accepts, else Spanish.

    `accepted` is the header Accept-Language (RFC 9110, 12.5.4); what cannot be read in it is passed over.
    """
    if chosen in LANGUAGES:
        return str(chosen)
    ranges = sorted(_ranges(accepted), key=lambda each: -each[1])
    return next((name for name, weight in ranges if weight > 0 and name in LANGUAGES), SOURCE_LANGUAGE)


def _ranges(accepted: str) -> Iterator[tuple[str, float]]:
    """Language without region, and weight, in the order of the header."""
    for each in accepted.split(",")[:_MOST_RANGES]:
        name, _, weight = each.partition(";")
        _, _, number = weight.partition("=")
        try:
            yield name.strip().partition("-")[0].lower(), float(number) if number else 1.0
        except ValueError:
            continue
