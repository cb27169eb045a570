"""What a conversation was and who its customer is, as names with values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.presentation import words
from services.presentation.contacts import actor_name, address_text, phone
from services.presentation.reader import Reader
from services.readmodel.rows import Annotation, ContactDetail, ConversationDetail, ConversationItem, FileRow

Say = Callable[[datetime], str]
"""How a moment is said: in short beside a transcript, with the year on paper."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with its value, as text; `title` says it in full, `more` is part of it that a page shows elsewhere."""

    name: str
    value: str
    title: str = ""
    more: str = ""


def conversation_facts(reader: Reader, row: ConversationDetail, say: Say) -> tuple[Fact, ...]:
    """Duration and interactions first, then when it was, who spoke and where, and what was said of it."""
    _ = reader.gettext
    spoken = interactions_text(reader, row)
    facts = [
        Fact(_("Duración"), reader.duration(row.duration_seconds), _("Del primer al último mensaje")),
        Fact(_("Interacciones"), reader.number(row.interactions.total), spoken, more=spoken),
        Fact(_("Inicio"), say(row.started_at), reader.full(row.started_at)),
    ]
    if row.last_activity_at is not None:
        last = row.last_activity_at
        facts.append(Fact(_("Último mensaje"), say(last), reader.full(last)))
    if row.ended_at is not None:
        text = f"{say(row.ended_at)}, {words.end_reason(reader, row.end.reason if row.end else None)}"
        if row.end and row.end.by.kind == "human" and row.end.by.name:
            text += f" ({row.end.by.name})"
        facts.append(Fact(_("Final"), text, reader.full(row.ended_at)))
    bots = ", ".join(each.name or each.id or "?" for each in row.assistants)
    if bots:
        facts.append(Fact(_("Asistentes"), bots))
    if row.chatbot is not None and row.chatbot.version:
        facts.append(Fact(_("Versión del chatbot"), row.chatbot.version))
    facts.append(Fact(_("Entorno"), words.environment(reader, row.environment)))
    for each in row.annotations:
        text = f"{annotation_text(reader, each)} ({actor_name(reader, each.by)}, {say(each.at)})"
        facts.append(Fact(words.annotation_kind(reader, each.kind), text, reader.full(each.at)))
    return tuple(facts)


def annotation_text(reader: Reader, row: Annotation) -> str:
    """Its key, and its value where that says more than that it is there."""
    return row.key if row.value in (True, "true") else f"{row.key}: {scalar_text(reader, row.value)}"


def interactions_text(reader: Reader, item: ConversationItem) -> str:
    """Who spoke how often, in words."""
    by = item.interactions
    _ = reader.gettext
    kinds = [
        (by.customer, _("cliente")),
        (by.assistant, _("asistente")),
        (by.human, _("persona")),
        (by.template, "HSM"),
    ]
    return ", ".join(f"{name}: {reader.number(amount)}" for amount, name in kinds if amount)


def contact_facts(reader: Reader, contact: ContactDetail) -> tuple[Fact, ...]:
    """Who the customer is, as far as we know."""
    _ = reader.gettext
    known = [
        (_("Nombre"), contact.name),
        (_("Teléfono"), phone(contact.phone) if contact.phone else None),
        (_("Correo"), contact.email),
        (_("Dirección"), address_text(contact.address)),
        (_("Id. de empresa"), contact.company_id),
        (_("Documento"), contact.tax_id),
        (_("Idioma"), contact.locale),
    ]
    facts = [Fact(name, value) for name, value in known if value]
    shown = {contact.phone, contact.email}
    facts += [
        Fact(words.identifier_kind(reader, each.kind), each.value)
        for each in contact.ids
        if each.value not in shown
    ]
    facts.append(Fact(_("Id. de cliente"), str(contact.id)))
    return tuple(facts)


def attribute_facts(reader: Reader, contact: ContactDetail) -> tuple[Fact, ...]:
    """What the company knows beside, in the order of the names."""
    return tuple(Fact(name, scalar_text(reader, value)) for name, value in sorted(contact.attributes.items()))


def scalar_text(reader: Reader, value: Any) -> str:
    """A value of JSON: yes, no and nothing in words, the rest as it came."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return reader.gettext("sí") if value else reader.gettext("no")
    return str(value)


def chatbot_name(reader: Reader, row: ConversationItem) -> str:
    """The chatbot's name, else its id, else that there is none."""
    return (row.chatbot.name or row.chatbot.id) if row.chatbot else reader.gettext("Sin chatbot")


def file_title(reader: Reader, row: FileRow) -> str:
    """What a customer's file is called; one without a name by what it is."""
    return row.name or words.file_kind(reader, row.kind)


def file_facts(reader: Reader, row: FileRow) -> str:
    """What its title does not say of a customer's file: what it is, how large, and what keeps it from being opened."""
    facts = [
        words.file_kind(reader, row.kind) if row.name else "",
        reader.bytes(row.size_bytes),
        words.file_state(reader, row.state),
    ]
    return " · ".join(each for each in facts if each)
