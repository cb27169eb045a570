"""The parts of a message as blocks to draw: text, files, choices, places, cards, orders, calls, forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency

from services.query.pages import wording
from services.query.pages.marks import Node, message_nodes, plain_nodes
from services.query.pages.reader import Reader

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """A button or list row that the customer was offered."""

    title: tuple[Node, ...]
    description: tuple[Node, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """A name with its value, for forms, orders and cards."""

    name: tuple[Node, ...]
    value: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One part as it is drawn. `kind`: text, image, audio, video, file, options, choice, lines, note."""

    kind: str
    text: tuple[Node, ...] = ()
    icon: str = ""
    title: tuple[Node, ...] = ()
    detail: str = ""
    url: str = ""
    options: tuple[Option, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldFile:
    """Where a file of a message stands: its state and, once held by us, its address."""

    state: str
    url: str | None


def blocks(
    reader: Reader, parts: tuple[Part, ...], plain_text: str, files: Mapping[str, HeldFile]
) -> tuple[Block, ...]:
    """A message's parts in order; one without parts is its text. Bad parts become notes, never errors."""
    if not parts:
        return (Block("text", text=message_nodes(plain_text)),) if plain_text else ()
    found: list[Block] = []
    for part in parts:
        found.extend(_blocks(reader, part, files))
    return tuple(found)


def _blocks(reader: Reader, part: Part, files: Mapping[str, HeldFile]) -> list[Block]:
    draw = {
        "text": _text,
        "media": lambda reader, part: _media(reader, part, files),
        "location": _location,
        "contacts": _contacts,
        "choices": _choices,
        "choice": _choice,
        "form": _form,
        "order": _order,
        "call": _call,
        "email": _email,
        "system": _system,
        "template": _template,
    }.get(_str(part, "type"), _unknown)
    return draw(reader, part)


def _text(reader: Reader, part: Part) -> list[Block]:
    text = _str(part, "text") or _str(part, "plain_text")
    return [Block("text", text=message_nodes(text))] if text else []


def _template(reader: Reader, part: Part) -> list[Block]:
    # Its block is drawn above the bubble, from the message's template.
    text = _str(part, "plain_text")
    return [Block("text", text=message_nodes(text))] if text else []


def _media(reader: Reader, part: Part, files: Mapping[str, HeldFile]) -> list[Block]:
    file = _dict(part, "file")
    held = files.get(_str(file, "file_id")) or HeldFile(_str(file, "state"), None)
    kind_name, icon = wording.file_kind(reader.gettext, _str(file, "kind") or None)
    size = file.get("size_bytes")
    facts = [
        kind_name,
        reader.bytes(size) if isinstance(size, int) else "",
        file_state(reader, held.state, file),
    ]
    kind = {"image": "image", "sticker": "image", "audio": "audio", "voice": "audio", "video": "video"}.get(
        _str(file, "kind"), "file"
    )
    block = Block(
        kind if held.url else "file",
        icon=icon,
        title=plain_nodes(_str(file, "name") or kind_name),
        detail=" · ".join(fact for fact in facts if fact),
        url=held.url or "",
    )
    caption = _str(file, "caption")
    return [block, Block("text", text=message_nodes(caption))] if caption else [block]


def file_state(reader: Reader, state: str, file: Part | None = None) -> str:
    """What keeps a file from being opened; empty when nothing does."""
    _ = reader.gettext
    if state == "unavailable":
        return wording.unavailable(_, _str(file or {}, "unavailable_reason") or None)
    return _("aún no está guardado") if state == "pending" else ""


def _location(reader: Reader, part: Part) -> list[Block]:
    place = _dict(part, "location") or part
    latitude, longitude = place.get("latitude"), place.get("longitude")
    known = isinstance(latitude, int | float) and isinstance(longitude, int | float)
    where = f"{latitude:.5f}, {longitude:.5f}" if known else ""
    url = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}&zoom=16" if known else ""
    title = _str(place, "name") or _str(place, "address") or reader.gettext("Ubicación")
    address = _str(place, "address") if _str(place, "name") else ""
    return [
        Block(
            "file",
            icon="map-pin",
            title=plain_nodes(title),
            detail=" · ".join(filter(None, (address, where))),
            url=url,
        )
    ]


def _contacts(reader: Reader, part: Part) -> list[Block]:
    cards = part.get("contacts")
    cards = cards if isinstance(cards, list) else [cards]
    found = [
        Block("file", icon="address-book", title=plain_nodes(_card_name(card)), detail=_card_phone(card))
        for card in cards
        if isinstance(card, Mapping)
    ]
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


def _choices(reader: Reader, part: Part) -> list[Block]:
    options = part.get("options")
    drawn = tuple(
        Option(
            plain_nodes(_str(option, "title")),
            plain_nodes(_str(option, "description")),
            _web(_str(option, "url")),
        )
        for option in (options if isinstance(options, list) else [])
        if isinstance(option, Mapping)
    )
    words = [_str(part, "header"), _str(part, "prompt") or _str(part, "plain_text"), _str(part, "footer")]
    text = "\n".join(word for word in words if word)
    return [Block("options", text=message_nodes(text), options=drawn)]


def _choice(reader: Reader, part: Part) -> list[Block]:
    return [Block("choice", text=plain_nodes(_str(part, "title") or _str(part, "plain_text")))]


def _form(reader: Reader, part: Part) -> list[Block]:
    answers = _dict(part, "fields")
    lines = tuple(Line(plain_nodes(str(name)), plain_nodes(str(value))) for name, value in answers.items())
    title = _str(part, "name") or reader.gettext("Formulario")
    return [Block("lines", icon="list-check", title=plain_nodes(title), lines=lines)]


def _order(reader: Reader, part: Part) -> list[Block]:
    items = part.get("items")
    lines = []
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, Mapping):
            continue
        name = _str(item, "name") or _str(item, "sku")
        amount = _money(reader, item.get("unit_price_minor"), _str(item, "currency"))
        lines.append(Line(plain_nodes(f"{item.get('quantity', 1)} × {name}"), plain_nodes(amount)))
    return [
        Block("lines", icon="list-check", title=plain_nodes(reader.gettext("Pedido")), lines=tuple(lines))
    ]


def _money(reader: Reader, price: object, currency: str) -> str:
    known = isinstance(price, int | float) and len(currency) == 3 and currency.isalpha()
    return format_currency(Decimal(str(price)) / 100, currency, locale=reader.locale) if known else ""


def _call(reader: Reader, part: Part) -> list[Block]:
    seconds = part.get("duration_s")
    detail = reader.duration(seconds) if isinstance(seconds, int | float) else ""
    return [Block("file", icon="phone", title=plain_nodes(reader.gettext("Llamada")), detail=detail)]


def _email(reader: Reader, part: Part) -> list[Block]:
    subject = Block(
        "lines", icon="mail", title=plain_nodes(_str(part, "subject") or reader.gettext("Sin asunto"))
    )
    text = _str(part, "plain_text")
    return [subject, Block("text", text=message_nodes(text))] if text else [subject]


def _system(reader: Reader, part: Part) -> list[Block]:
    return [Block("note", icon="info-circle", text=plain_nodes(_str(part, "text") or _str(part, "code")))]


def _unknown(reader: Reader, part: Part) -> list[Block]:
    kind = _str(part, "source_type") or _str(part, "mime_type") or _str(part, "type") or "?"
    what = reader.gettext("Contenido que aún no se puede mostrar ({kind})").format(kind=kind)
    note = Block("note", icon="info-circle", text=plain_nodes(what))
    text = _str(part, "plain_text")
    return [note, Block("text", text=message_nodes(text))] if text else [note]


def _str(part: Part, name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _dict(part: Part, name: str) -> Part:
    value = part.get(name)
    return value if isinstance(value, Mapping) else {}


def _web(address: str) -> str:
    return address if address.startswith(("https://", "http://")) else ""
