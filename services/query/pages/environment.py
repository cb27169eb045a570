"""The template environment: autoescape always, our own words, and the addresses of static files."""

from pathlib import Path

from babel import Locale
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.query.pages.assets import Assets
from services.query.pages.reader import Reader, zone_of

HERE = Path(__file__).parent
SOURCE_LANGUAGE = "es"


def make_environment(assets: Assets) -> Environment:
    """Templates of this folder, named with the folder of their page. Names not given to one are errors, not blanks."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["asset"] = assets.url
    return environment


def make_reader(language: str, timezone: str) -> Reader:
    """How a person reads. A language without a catalogue reads in Spanish; an unknown zone is UTC."""
    catalogue = Translations.load(HERE / "locale", [language]) if language != SOURCE_LANGUAGE else None
    known = isinstance(catalogue, Translations)
    words = catalogue if isinstance(catalogue, Translations) else NullTranslations()
    return Reader(
        locale=Locale.parse(language if known else SOURCE_LANGUAGE),
        zone=zone_of(timezone),
        gettext=words.ugettext,
        ngettext=words.ungettext,
    )
