"""Small view values that more than one page prints: a tag, a moment, a face."""

from dataclasses import dataclass
from datetime import date, datetime
from zlib import crc32

from services.presentation.reader import Reader, iso
from services.readmodel.rows import Contact

_HUES = 6


@dataclass(frozen=True, slots=True)
class Tag:
    """A small label; `tone` names a style: calm, open, warn, bad, good, hsm."""

    label: str
    tone: str
    icon: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant: for machines, in short, and in full."""

    iso: str
    text: str
    full: str


@dataclass(frozen=True, slots=True)
class Face:
    """Initials on a colour that stays the same for the same customer."""

    initials: str
    hue: int


def moment(reader: Reader, at: datetime, today: date) -> Moment:
    """An instant for a table or a card."""
    return Moment(iso(at), reader.short(at, today), reader.full(at))


def face(contact: Contact) -> Face:
    """Initials of the name, or a mark when there is none."""
    words = [word for word in (contact.name or "").split() if word[:1].isalpha()]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    initials = "".join(word[:1].upper() for word in chosen)
    return Face(initials or "·", crc32(contact.id.bytes) % _HUES)
