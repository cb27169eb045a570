"""One message as a bubble: who said it, what, whether it arrived, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.query.pages import wording
from services.query.pages.conversation.parts import Block, HeldFile, blocks
from services.query.pages.marks import Node, message_nodes, plain_nodes
from services.query.pages.reader import Reader, iso
from services.readmodel.rows import MessageEntry, Reaction

_QUOTED = 140
_FAILED = frozenset({"failed", "rejected"})


@dataclass(frozen=True, slots=True)
class Hsm:
    """The template behind a message. `values` stand where nobody gave us the rendered text."""

    name: str
    language: str
    values: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message got, in one word and step by step."""

    label: str
    icon: str
    tone: str
    steps: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The message this one answers; no text when it stands on another page or is gone."""

    anchor: str
    sender: tuple[Node, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message. `side`: in, out, note. `look`: customer, bot, human, campaign, note."""

    kind: str
    anchor: str
    side: str
    look: str
    icon: str
    sender: tuple[Node, ...]
    role: str
    follows: bool
    clock: str
    clock_iso: str
    clock_full: str
    blocks: tuple[Block, ...]
    hsm: Hsm | None
    delivery: Delivery | None
    quote: Quote | None
    edited: str
    deleted: str
    late: bool
    reactions: tuple[tuple[str, str], ...]


def bubble(
    reader: Reader,
    item: MessageEntry,
    *,
    files: Mapping[str, HeldFile],
    quotes: Mapping[str, MessageEntry],
    customer: tuple[Node, ...],
    follows: bool,
) -> Bubble:
    """The bubble of a message; `follows`: the same sender spoke just before, so the name is not repeated."""
    kind = item.sender.kind or ""
    look = "note" if item.direction == "internal" else kind
    deleted = "" if item.deleted is None else reader.full(item.deleted)
    hsm = _hsm(item)
    return Bubble(
        kind="message",
        anchor=anchor(item.id),
        side={"in": "in", "out": "out"}.get(item.direction, "note"),
        look=look if look in {"customer", "bot", "human", "campaign", "note"} else "system",
        icon=wording.ACTOR_ICONS.get(kind, "message"),
        sender=_sender(reader, item, customer),
        role=_role(reader, item),
        follows=follows,
        clock=reader.clock(item.at),
        clock_iso=iso(item.at),
        clock_full=reader.full(item.at),
        blocks=() if deleted else blocks(reader, item.parts, item.plain_text, files),
        hsm=hsm,
        delivery=delivery(reader, item),
        quote=_quote(reader, item, quotes, customer),
        edited="" if item.edited is None else reader.full(item.edited),
        deleted=deleted,
        late=item.late,
        reactions=tuple((each.emoji, _reactor(reader, each)) for each in item.reactions),
    )


def anchor(message_id: str) -> str:
    """The place of a message in its page; ids of sources hold signs an address should not."""
    return "m-" + "".join(sign if sign.isalnum() else "-" for sign in message_id)[:80]


def delivery(reader: Reader, item: MessageEntry) -> Delivery | None:
    """How far an outgoing message got; None for customers' messages and where no status came."""
    if item.direction != "out" or item.status.current is None:
        return None
    _ = reader.gettext
    label, icon, tone = wording.delivery(_, item.status.current)
    steps = tuple(
        f"{wording.delivery(_, change.status)[0]} {reader.clock_seconds(change.at)}"
        for change in item.status.history
    )
    problem = _problem(item) if item.status.current in _FAILED else ""
    return Delivery(label, icon, tone, steps, problem)


def _problem(item: MessageEntry) -> str:
    for change in reversed(item.status.history):
        for error in change.errors if isinstance(change.errors, list) else []:
            if isinstance(error, Mapping):
                words = [error.get("title"), error.get("detail")]
                text = ": ".join(word for word in words if isinstance(word, str) and word)
                return text or str(error.get("code", ""))
    return ""


def _hsm(item: MessageEntry) -> Hsm | None:
    block = item.template
    if not isinstance(block, Mapping):
        return None
    values: list[tuple[Node, ...]] = []
    if block.get("rendering") in {"none", "incomplete"} or not (block.get("text") or item.plain_text):
        variables = block.get("variables")
        for each in variables if isinstance(variables, list) else []:
            if isinstance(each, Mapping):
                label = each.get("name") or each.get("position") or "?"
                values.append(plain_nodes(f"{label}: {each.get('value', '')}"))
    return Hsm(str(block.get("name") or ""), str(block.get("language") or ""), tuple(values))


def _sender(reader: Reader, item: MessageEntry, customer: tuple[Node, ...]) -> tuple[Node, ...]:
    if item.sender.kind == "customer":
        return customer
    name = item.sender.name or item.sender.id
    return plain_nodes(name or wording.actor_kind(reader.gettext, item.sender.kind))


def _role(reader: Reader, item: MessageEntry) -> str:
    if item.direction == "internal":
        return reader.gettext("Nota interna")
    if item.sender.kind == "customer" or not (item.sender.name or item.sender.id):
        return ""
    return wording.actor_kind(reader.gettext, item.sender.kind)


def _quote(
    reader: Reader, item: MessageEntry, quotes: Mapping[str, MessageEntry], customer: tuple[Node, ...]
) -> Quote | None:
    if item.reply_to is None:
        return None
    target = quotes.get(item.reply_to.message_id)
    if target is None:
        return Quote("", plain_nodes(reader.gettext("Responde a un mensaje anterior")), "")
    if target.deleted is not None:
        return Quote(
            anchor(target.id), _sender(reader, target, customer), reader.gettext("Mensaje eliminado")
        )
    text = "".join(node.text or " " for node in message_nodes(target.plain_text))
    if len(text) > _QUOTED:
        text = text[:_QUOTED].rstrip() + "…"
    return Quote(anchor(target.id), _sender(reader, target, customer), text)


def _reactor(reader: Reader, reaction: Reaction) -> str:
    actor = reaction.actor
    return actor.name or actor.id or wording.actor_kind(reader.gettext, actor.kind)
