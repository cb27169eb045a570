"""What stands round every page: who is signed in, how fresh the data are, what is being prepared."""

from dataclasses import dataclass
from typing import Literal

from services.presentation.languages import LANGUAGES, name_of, tag_of
from services.presentation.reader import Reader
from services.readmodel.rows import Freshness

BEHIND_SECONDS = 60
"""From here on the header says that newer messages may be missing."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """How fresh the data are: in a few words, and in a sentence. `tone`: good, behind, unknown."""

    tone: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A language to choose; `tag` says to browsers which one its name is in. Without a code: as the browser asks."""

    code: str
    name: str
    tag: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """The header and footer of a page."""

    place: Literal["conversations", "exports", ""]
    person: str
    initials: str
    role: str
    account: str
    csrf_token: str
    zone: str
    freshness: Fresh
    exports_active: int
    languages: tuple[Choice, ...]
    back: str


def fresh(reader: Reader, freshness: Freshness) -> Fresh:
    """The words for an age."""
    _ = reader.gettext
    if freshness.as_of is None or freshness.lag_seconds is None:
        return Fresh("unknown", _("Sin datos todavía"), _("Aún no llegó ningún evento."))
    ago = reader.seconds_ago(freshness.lag_seconds)
    title = _("Datos hasta {moment}").format(moment=reader.full(freshness.as_of))
    if freshness.lag_seconds < BEHIND_SECONDS:
        return Fresh("good", _("Al día, {ago}").format(ago=ago), title)
    amount = reader.duration(freshness.lag_seconds)
    return Fresh(
        "behind",
        _("Atraso de {amount}").format(amount=amount),
        _("{title}: pueden faltar mensajes más nuevos.").format(title=title),
    )


def languages(reader: Reader, chosen: str | None) -> tuple[Choice, ...]:
    """The languages that a person can choose, and which one they did."""
    ours = [Choice(code, name_of(code), tag_of(code), code == chosen) for code in LANGUAGES]
    browsers = Choice(
        "", reader.gettext("Automático"), tag_of(reader.locale.language), chosen not in LANGUAGES
    )
    return (browsers, *ours)


def initials(name: str) -> str:
    """Up to two initials of a person."""
    words = [word for word in name.split() if word[:1].isalnum()]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[:1].upper() for word in chosen) or "·"
