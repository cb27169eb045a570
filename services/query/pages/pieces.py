"""Small view values that more than one page prints: a tag, a score, a moment, a face."""

from dataclasses import dataclass
from datetime import date, datetime
from zlib import crc32

import phonenumbers

from services.query.pages.marks import Node, plain_nodes
from services.query.pages.reader import Reader, iso
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
class Score:
    """A score as a coloured figure: good, middling or bad, with its meaning in words."""

    text: str
    tone: str
    title: str


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


def nps(reader: Reader, value: float | None) -> Score | None:
    """NPS: 9-10 promoter, 7-8 passive, 0-6 detractor."""
    if value is None:
        return None
    _ = reader.gettext
    if value >= 9:
        tone, name = "good", _("promotor")
    elif value >= 7:
        tone, name = "fair", _("neutro")
    else:
        tone, name = "bad", _("detractor")
    text = reader.number(value)
    return Score(text, tone, _("NPS {value} de 10: {name}").format(value=text, name=name))


def csat(reader: Reader, value: float | None) -> Score | None:
    """CSAT: 4-5 satisfied, 3 neutral, 1-2 unsatisfied."""
    if value is None:
        return None
    _ = reader.gettext
    if value >= 4:
        tone, name = "good", _("satisfecho")
    elif value >= 3:
        tone, name = "fair", _("neutro")
    else:
        tone, name = "bad", _("insatisfecho")
    text = reader.number(value)
    return Score(text, tone, _("CSAT {value} de 5: {name}").format(value=text, name=name))


def contact_name(reader: Reader, contact: Contact) -> tuple[Node, ...]:
    """The customer's name with invisible characters shown; without one, what we have instead."""
    username = next((each.value for each in contact.ids if each.kind == "username"), None)
    text = contact.name or username or contact.phone or contact.email or reader.gettext("Sin nombre")
    return plain_nodes(text)


def contact_line(reader: Reader, contact: Contact) -> str:
    """The second line under a name: the phone, else e-mail, user name or another identifier."""
    if not contact.name:
        return reader.gettext("sin nombre")
    if contact.phone:
        return phone(contact.phone)
    if contact.email:
        return contact.email
    username = next((each.value for each in contact.ids if each.kind == "username"), None)
    return f"@{username.removeprefix('@')}" if username else reader.gettext("sin teléfono")


def phone(number: str) -> str:
    """A phone in its country's grouping; what is no whole number, as a masked one, stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if "*" in number:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def face(contact: Contact) -> Face:
    """Initials of the name, or a mark when there is none."""
    words = [word for word in (contact.name or "").split() if word[:1].isalpha()]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    initials = "".join(word[:1].upper() for word in chosen)
    return Face(initials or "·", crc32(contact.id.bytes) % _HUES)
