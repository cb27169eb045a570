"""Customers and other actors as people name them."""

from collections.abc import Mapping
from typing import Any

import phonenumbers

from services.presentation import words
from services.presentation.reader import Reader
from services.readmodel.rows import Actor, Contact


def contact_name(reader: Reader, contact: Contact) -> str:
    """The customer's name; without one, what we have instead."""
    return (
        contact.name or _username(contact) or contact.phone or contact.email or reader.gettext("Sin nombre")
    )


def contact_line(reader: Reader, contact: Contact) -> str:
    """The second line under a name: the phone, else e-mail, user name or another identifier."""
    if not contact.name:
        return reader.gettext("sin nombre")
    if contact.phone:
        return phone(contact.phone)
    if contact.email:
        return contact.email
    username = _username(contact)
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


def address_text(address: Any) -> str:
    """An address on one line: street and number, district, city and state, postal code, country."""
    if not isinstance(address, Mapping):
        return ""

    def joined(*names: str, sign: str = " ") -> str:
        return sign.join(str(address[name]) for name in names if address.get(name))

    lines = [
        joined("street", "number", "complement", sign=" "),
        joined("district"),
        joined("city", "state", sign=" – "),
        joined("postal_code", "country_code"),
    ]
    return ", ".join(line for line in lines if line)


def actor_name(reader: Reader, actor: Actor) -> str:
    """An actor's name, else its id, else what it is."""
    return actor.name or actor.id or words.actor_kind(reader, actor.kind)


def _username(contact: Contact) -> str | None:
    return next((each.value for each in contact.ids if each.kind == "username"), None)
