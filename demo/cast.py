"""Who talks in the demo: made-up customers, chatbots with their assistants, attendants and connections."""

import random
from dataclasses import dataclass
from typing import Literal

from bitacora_schemas.events.blocks import Actor, Address, Chatbot, Contact, Identifier, Thread

Language = Literal["es", "pt"]


@dataclass(frozen=True, slots=True)
class Desk:
    """One way to reach a company: a chatbot on one address of one channel."""

    connection: str
    channel: str
    address: str
    address_name: str
    language: Language
    chatbot: Chatbot
    assistants: tuple[Actor, ...]  # the first one greets
    attendants: tuple[Actor, ...]
    contact_kind: str
    weight: int


@dataclass(frozen=True, slots=True)
class Customer:
    """One made-up person, always on the same desk."""

    desk: Desk
    thread: Thread
    contact: Contact
    first_name: str


def _bot(identifier: str, name: str) -> Actor:
    return Actor(kind="bot", id=identifier, name=name)


def _person(identifier: str, name: str) -> Actor:
    return Actor(kind="human", id=identifier, name=name, team="Atención")


_ORDERS = Chatbot(id="pedidos", name="Pedidos", version="12")
_BILLING = Chatbot(id="cobranzas", name="Cobranzas", version="4")
_CARE = Chatbot(id="atendimento", name="Atendimento", version="7")
_SUPPORT = Chatbot(id="soporte", name="Soporte técnico", version="31")
_CLARA, _LEO, _CORA = _bot("clara", "Clara"), _bot("leo", "Leo · Envíos"), _bot("cora", "Cora")
_BIA, _TEO, _MAX = _bot("bia", "Bia"), _bot("teo", "Téo · Trocas"), _bot("max", "Max")
_LUCIA, _RAFAEL = _person("u-17", "Lucía P."), _person("u-23", "Rafael N.")

DESKS: tuple[Desk, ...] = (
    Desk("wa-pedidos", "whatsapp", "100000000000101", "Tienda Sol", "es", _ORDERS, (_CLARA, _LEO), (_LUCIA,), "wa_id", 6),
    Desk("web-pedidos", "webchat", "tienda-sol", "tienda-sol.example", "es", _ORDERS, (_CLARA, _LEO), (_LUCIA,), "source", 3),
    Desk("wa-cobranzas", "whatsapp", "100000000000102", "Sol Pagos", "es", _BILLING, (_CORA, _CLARA), (_LUCIA,), "wa_id", 3),
    Desk("wa-atendimento", "whatsapp", "100000000000103", "Loja Sol", "pt", _CARE, (_BIA, _TEO), (_RAFAEL,), "wa_id", 5),
    Desk("ig-atendimento", "instagram", "178410000000004", "@lojasol", "pt", _CARE, (_BIA, _TEO), (_RAFAEL,), "username", 2),
    Desk("fb-soporte", "messenger", "200000000000105", "Sol Soporte", "es", _SUPPORT, (_MAX, _CLARA), (_LUCIA,), "source", 2),
)  # fmt: skip

_FIRST = {
    "es": ("Ana", "Luis", "Sofía", "Martín", "Camila", "Andrés", "Valentina", "Íñigo", "Ximena", "Óscar", "Belén",
           "Nicolás", "Renata", "Tomás", "Paula", "Joaquín", "Abril", "Emilio", "Noelia", "Ramón"),
    "pt": ("João", "Mariana", "Caio", "Letícia", "Antônio", "Conceição", "Thiago", "Luíza", "Otávio", "Beatriz",
           "Vinícius", "Inês", "Gonçalo", "Débora", "Estêvão", "Raíssa"),
}  # fmt: skip
_LAST = {
    "es": ("Muñoz", "Pérez", "Güiraldes", "Ibáñez", "Castaño", "Rodríguez", "Peña", "Lozano", "Quiñones", "Vélez"),
    "pt": ("Gonçalves", "Araújo", "Assunção", "Magalhães", "Simões", "Conceição", "Leão", "Brandão", "Falcão"),
}  # fmt: skip
_CITIES = {
    "es": (("Buenos Aires", "AR", "Av. Siempreviva"), ("Ciudad de México", "MX", "Calle Olmo"), ("Bogotá", "CO", "Carrera 9")),
    "pt": (("São Paulo", "BR", "Rua das Acácias"), ("Belo Horizonte", "BR", "Rua do Ipê"), ("Recife", "BR", "Rua da Aurora")),
}  # fmt: skip
# Ranges that no carrier gives out.
_PHONE = {"AR": "549110000{:04d}", "MX": "52155000{:05d}", "CO": "57300000{:04d}", "BR": "55119000{:05d}"}


def make_customer(number: int) -> Customer:
    """The `number`-th customer; the same number always gives the same person."""
    rng = random.Random(f"customer {number}")
    desk = rng.choices(DESKS, weights=[desk.weight for desk in DESKS])[0]
    first, last = rng.choice(_FIRST[desk.language]), rng.choice(_LAST[desk.language])
    city, country, street = rng.choice(_CITIES[desk.language])
    handle = f"{_ascii(first)}.{_ascii(last)}{number}"
    identifier = _identifier(desk, rng, country, number, handle)
    ids = [identifier]
    if desk.channel == "whatsapp" and number % 3 == 0 and identifier.kind == "wa_id":
        ids.append(Identifier(kind="bsuid", value=f"{country}.{910000000000000 + number}"))
    known = rng.random()
    contact = Contact(
        ids=tuple(ids),
        name=f"{first} {last}",
        phone=f"+{identifier.value}" if identifier.kind == "wa_id" else None,
        email=f"{handle}@example.com" if known < 0.6 else None,
        company_id=f"CL-{10000 + number}" if known < 0.8 else None,
        locale="pt-BR" if desk.language == "pt" else "es",
        address=Address(street=street, number=str(rng.randint(1, 900)), city=city, country_code=country)
        if known < 0.4
        else None,
        attributes={"plan": rng.choice(("básico", "plus", "empresa"))} if known < 0.3 else None,
    )
    thread = Thread(
        channel=desk.channel,
        channel_address=desk.address,
        channel_name=desk.address_name,
        contact=identifier,
    )
    return Customer(desk=desk, thread=thread, contact=contact, first_name=first)


def _identifier(desk: Desk, rng: random.Random, country: str, number: int, handle: str) -> Identifier:
    """On WhatsApp one in eight has a user name and no phone."""
    if desk.contact_kind == "wa_id" and rng.random() < 1 / 8:
        return Identifier(kind="bsuid", value=f"{country}.{910000000000000 + number}")
    if desk.contact_kind == "wa_id":
        return Identifier(kind="wa_id", value=_PHONE[country].format(number % 10_000))
    if desk.contact_kind == "username":
        return Identifier(kind="username", value=handle)
    return Identifier(kind="source", value=f"v-{number:06d}")


def _ascii(text: str) -> str:
    table = str.maketrans("áéíóúâêôãõçñüÍÓÁÉ", "aeiouaeoaocnuioae")
    return text.translate(table).lower()
