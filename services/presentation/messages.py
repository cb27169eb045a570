"""One message as people read it: who said it, what, whether it arrived, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.presentation import words
from services.presentation.contacts import actor_name
from services.presentation.marks import Node, message_nodes, plain_nodes
from services.presentation.parts import Block, States, content
from services.presentation.reader import Reader
from services.readmodel.rows import MessageEntry

_LONGEST_QUOTE = 140
_FAILED = frozenset({"failed", "rejected"})

Side = Literal["in", "out", "note"]


@dataclass(frozen=True, slots=True)
class Hsm:
    """The template behind a message. `values` stand where nobody gave us the rendered text."""

    name: str
    language: str
    values: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far an outgoing message got: in one word, step by step, and why it did not arrive."""

    status: str
    label: str
    steps: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The message this one answers; no id and no text when it stands on another page or is gone."""

    message_id: str
    sender: tuple[Node, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `actor_kind` is the wire's word; `follows`: the same sender spoke just before."""

    id: str
    at: datetime
    side: Side
    actor_kind: str
    sender: tuple[Node, ...]
    role: str
    follows: bool
    blocks: tuple[Block, ...]
    hsm: Hsm | None
    delivery: Delivery | None
    quote: Quote | None
    edited: datetime | None
    deleted: datetime | None
    late: bool
    reactions: tuple[tuple[str, str], ...]
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a message is read among: the customer's name, the messages it may quote, where files stand now."""

    customer: str
    quotable: Mapping[str, MessageEntry]
    states: States


def read_message(reader: Reader, item: MessageEntry, around: Surroundings, *, follows: bool) -> Message:
    """A message with everything that is said about it. What was deleted says nothing of what it held."""
    gone = item.deleted is not None
    return Message(
        id=item.id,
        at=item.at,
        side=_side(item),
        actor_kind=item.sender.kind or "",
        sender=_sender(reader, item, around.customer),
        role=_role(reader, item),
        follows=follows,
        blocks=() if gone else content(reader, item.parts, item.plain_text, around.states),
        hsm=_hsm(item),
        delivery=_delivery(reader, item),
        quote=_quote(reader, item, around),
        edited=item.edited,
        deleted=item.deleted,
        late=item.late,
        reactions=tuple((each.emoji, actor_name(reader, each.actor)) for each in item.reactions),
    )


def _side(item: MessageEntry) -> Side:
    return "note" if item.direction == "internal" else item.direction


def _sender(reader: Reader, item: MessageEntry, customer: str) -> tuple[Node, ...]:
    return plain_nodes(customer if item.sender.kind == "customer" else actor_name(reader, item.sender))


def _role(reader: Reader, item: MessageEntry) -> str:
    """What the sender is, where the name does not say it."""
    if item.direction == "internal":
        return reader.gettext("Nota interna")
    if item.sender.kind == "customer" or not (item.sender.name or item.sender.id):
        return ""
    return words.actor_kind(reader, item.sender.kind)


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


def _delivery(reader: Reader, item: MessageEntry) -> Delivery | None:
    """None for customers' messages and where no status came."""
    if item.direction != "out" or item.status.current is None:
        return None
    steps = tuple(
        f"{words.delivery(reader, change.status)} {reader.clock_seconds(change.at)}"
        for change in item.status.history
    )
    problem = _problem(item) if item.status.current in _FAILED else ""
    return Delivery(item.status.current, words.delivery(reader, item.status.current), steps, problem)


def _problem(item: MessageEntry) -> str:
    """Why a message did not arrive, as the channel put it."""
    for change in reversed(item.status.history):
        for error in change.errors if isinstance(change.errors, list) else []:
            if isinstance(error, Mapping):
                said = [error.get("title"), error.get("detail")]
                text = ": ".join(each for each in said if isinstance(each, str) and each)
                return text or str(error.get("code", ""))
    return ""


def _quote(reader: Reader, item: MessageEntry, around: Surroundings) -> Quote | None:
    if item.reply_to is None:
        return None
    target = around.quotable.get(item.reply_to.message_id)
    if target is None:
        return Quote("", plain_nodes(reader.gettext("Responde a un mensaje anterior")), "")
    sender = _sender(reader, target, around.customer)
    if target.deleted is not None:
        return Quote(target.id, sender, reader.gettext("Mensaje eliminado"))
    text = "".join(node.text or " " for node in message_nodes(target.plain_text))
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE].rstrip() + "…"
    return Quote(target.id, sender, text)
