"""The readable content of a message's parts: text, files, choices, places, cards, orders, calls, forms, as plain values.

Every type of part of the contract has its function here. Parts are JSON that may be broken: a bad one reads as a notice,
never as an error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from babel.numbers import format_currency

from services.presentation import words
from services.presentation.facts import scalar_text
from services.presentation.marks import Node, message_nodes, plain_nodes
from services.presentation.reader import Reader

Part = Mapping[str, Any]
States = Mapping[str, str]
"""Where files stand now, by file id; a part holds what was known when it was sent."""

BlockKind = Literal[
    "text", "file", "options", "choice", "place", "card", "call", "form", "order", "subject", "notice"
]


@dataclass(frozen=True, slots=True)
class Option:
    """A button or list row that the customer was offered; `href` only where it leads into the web."""

    title: tuple[Node, ...]
    description: tuple[Node, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """A name with its value, for forms and orders."""

    name: tuple[Node, ...]
    value: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that a message holds. `file_kind` and `file_id` for files, `href` for places, `lines` for records."""

    kind: BlockKind
    text: tuple[Node, ...] = ()
    title: tuple[Node, ...] = ()
    detail: str = ""
    href: str = ""
    options: tuple[Option, ...] = ()
    lines: tuple[Line, ...] = ()
    file_kind: str = ""
    file_id: str = ""


def content(reader: Reader, parts: tuple[Part, ...], plain_text: str, states: States) -> tuple[Block, ...]:
    """A message's parts in order; one without parts is its text."""
    if not parts:
        return _text_of(plain_text)
    return tuple(block for part in parts for block in _read(reader, part, states))


def _read(reader: Reader, part: Part, states: States) -> tuple[Block, ...]:
    kind = _str(part, "type")
    if kind == "media":
        return _media(reader, part, states)
    if kind == "email":
        return _email(reader, part, states)
    return READERS.get(kind, _unknown)(reader, part)


def _text(reader: Reader, part: Part) -> tuple[Block, ...]:
    return _text_of(_str(part, "text") or _str(part, "plain_text"))


def _template(reader: Reader, part: Part) -> tuple[Block, ...]:
    """Its text; name, language and values stand with the message (see entries.Hsm)."""
    return _text_of(_str(part, "plain_text"))


def _media(reader: Reader, part: Part, states: States) -> tuple[Block, ...]:
    """The file, then its caption: where the source gave none, its text, unless that only repeats the name."""
    file = _dict(part, "file")
    said = _str(file, "caption") or _str(part, "plain_text")
    return (*_file(reader, file, states), *_text_of("" if said == _str(file, "name") else said))


def _file(reader: Reader, file: Part, states: States) -> tuple[Block, ...]:
    kind, file_id = _str(file, "kind"), _str(file, "file_id")
    name, kind_name = _str(file, "name"), words.file_kind(reader, kind or None)
    size = file.get("size_bytes")
    state = states.get(file_id) or _str(file, "state")
    facts = [
        kind_name if name else "",
        reader.bytes(size) if isinstance(size, int) else "",
        words.file_state(reader, state, _str(file, "unavailable_reason") or None),
    ]
    return (
        Block(
            "file",
            title=plain_nodes(name or kind_name),
            detail=" · ".join(fact for fact in facts if fact),
            file_kind=kind,
            file_id=file_id,
        ),
    )


def _location(reader: Reader, part: Part) -> tuple[Block, ...]:
    place = _dict(part, "location") or part
    latitude, longitude = place.get("latitude"), place.get("longitude")
    known = isinstance(latitude, int | float) and isinstance(longitude, int | float)
    where = f"{latitude:.5f}, {longitude:.5f}" if known else ""
    href = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}&zoom=16" if known else ""
    title = _str(place, "name") or _str(place, "address") or reader.gettext("Ubicación")
    address = _str(place, "address") if _str(place, "name") else ""
    detail = " · ".join(filter(None, (address, where)))
    return (Block("place", title=plain_nodes(title), detail=detail, href=href),)


def _contacts(reader: Reader, part: Part) -> tuple[Block, ...]:
    cards = part.get("contacts")
    found = tuple(
        Block("card", title=plain_nodes(_card_name(card)), detail=_card_phone(card))
        for card in (cards if isinstance(cards, list) else [cards])
        if isinstance(card, Mapping)
    )
    return found or _unknown(reader, part)


def _card_name(card: Part) -> str:
    name = card.get("name")
    if isinstance(name, Mapping):
        name = name.get("formatted_name") or name.get("first_name")
    return name if isinstance(name, str) and name else "?"


def _card_phone(card: Part) -> str:
    phones = card.get("phones")
    listed = phones if isinstance(phones, list) else [card.get("phone")]
    values = [
        each.get("phone") or each.get("value") if isinstance(each, Mapping) else each for each in listed
    ]
    return ", ".join(value for value in values if isinstance(value, str))


def _choices(reader: Reader, part: Part) -> tuple[Block, ...]:
    options = part.get("options")
    offered = tuple(
        Option(
            plain_nodes(_str(option, "title")),
            plain_nodes(_str(option, "description")),
            _web(_str(option, "url")),
        )
        for option in (options if isinstance(options, list) else [])
        if isinstance(option, Mapping)
    )
    said = [_str(part, "header"), _str(part, "prompt") or _str(part, "plain_text"), _str(part, "footer")]
    text = "\n".join(each for each in said if each)
    return (Block("options", text=message_nodes(text), options=offered),)


def _choice(reader: Reader, part: Part) -> tuple[Block, ...]:
    return (Block("choice", text=plain_nodes(_str(part, "title") or _str(part, "plain_text"))),)


def _form(reader: Reader, part: Part) -> tuple[Block, ...]:
    answers = _dict(part, "fields")
    lines = tuple(
        Line(plain_nodes(str(name)), plain_nodes(scalar_text(reader, value)))
        for name, value in answers.items()
    )
    title = _str(part, "name") or reader.gettext("Formulario")
    return (Block("form", title=plain_nodes(title), lines=lines),)


def _order(reader: Reader, part: Part) -> tuple[Block, ...]:
    items = part.get("items")
    lines = tuple(
        _order_line(reader, item)
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, Mapping)
    )
    return (Block("order", title=plain_nodes(reader.gettext("Pedido")), lines=lines),)


def _order_line(reader: Reader, item: Part) -> Line:
    name = _str(item, "name") or _str(item, "sku")
    amount = _money(reader, item.get("unit_price_minor"), _str(item, "currency"))
    return Line(plain_nodes(f"{item.get('quantity', 1)} × {name}"), plain_nodes(amount))


def _money(reader: Reader, price: object, currency: str) -> str:
    known = isinstance(price, int | float) and len(currency) == 3 and currency.isalpha()
    return format_currency(Decimal(str(price)) / 100, currency, locale=reader.locale) if known else ""


def _call(reader: Reader, part: Part) -> tuple[Block, ...]:
    seconds = part.get("duration_s")
    detail = reader.duration(seconds) if isinstance(seconds, int | float) else ""
    return (Block("call", title=plain_nodes(reader.gettext("Llamada")), detail=detail),)


def _email(reader: Reader, part: Part, states: States) -> tuple[Block, ...]:
    subject = _str(part, "subject") or reader.gettext("Sin asunto")
    attached = part.get("attachments")
    files = [
        block
        for file in (attached if isinstance(attached, list) else [])
        if isinstance(file, Mapping)
        for block in _file(reader, file, states)
    ]
    return (Block("subject", title=plain_nodes(subject)), *_text_of(_str(part, "plain_text")), *files)


def _system(reader: Reader, part: Part) -> tuple[Block, ...]:
    return (Block("notice", text=plain_nodes(_str(part, "text") or _str(part, "code"))),)


def _unknown(reader: Reader, part: Part) -> tuple[Block, ...]:
    kind = _str(part, "source_type") or _str(part, "mime_type") or _str(part, "type") or "?"
    what = reader.gettext("Contenido que aún no se puede mostrar ({kind})").format(kind=kind)
    return (Block("notice", text=plain_nodes(what)), *_text_of(_str(part, "plain_text")))


READERS: Mapping[str, Callable[[Reader, Part], tuple[Block, ...]]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "choices": _choices,
    "choice": _choice,
    "form": _form,
    "order": _order,
    "call": _call,
    "system": _system,
    "template": _template,
    "unsupported": _unknown,
    "custom": _unknown,
}
"""By type of part; media and e-mail also ask where their files stand."""


def _text_of(text: str) -> tuple[Block, ...]:
    return (Block("text", text=message_nodes(text)),) if text else ()


def _str(part: Part, name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _dict(part: Part, name: str) -> Part:
    value = part.get(name)
    return value if isinstance(value, Mapping) else {}


def _web(address: str) -> str:
    return address if address.startswith(("https://", "http://")) else ""
