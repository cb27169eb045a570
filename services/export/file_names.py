"""What a file is called once it is fetched: in words of its language, in letters that every file system takes."""

import unicodedata

from services.presentation.languages import translations_of


def file_stem(language: str, what: str, detail: str) -> str:
    """`what`, a marked text, and what tells this file from others: `conversacion-1c5e0a2f`."""
    said = unicodedata.normalize("NFD", translations_of(language).ugettext(what).lower())
    return f"{said.encode('ascii', 'ignore').decode()}-{detail}"
