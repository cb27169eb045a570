"""One message as a bubble: what presentation says of it, with the icons, tones and anchors of a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.presentation.marks import Node
from services.presentation.messages import Delivery, Hsm, Message, Quote
from services.presentation.reader import Reader, iso
from services.query.pages.conversation.blocks import Block, block
from services.query.pages.icons import ACTOR_ICONS, DELIVERY_LOOKS, OTHER_DELIVERY

_LOOKS = frozenset({"customer", "bot", "human", "campaign"})


@dataclass(frozen=True, slots=True)
class Ticks:
    """How far a message got, in one word and step by step."""

    label: str
    icon: str
    tone: str
    steps: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message this one answers; without an anchor it stands on another page."""

    anchor: str
    sender: tuple[Node, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message. `side`: in, out, note. `look`: customer, bot, human, campaign, note, system."""

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
    delivery: Ticks | None
    quote: Quoted | None
    edited: str
    deleted: str
    late: bool
    reactions: tuple[tuple[str, str], ...]


def bubble(reader: Reader, message: Message, urls: Mapping[str, str]) -> Bubble:
    """The bubble of a message; `urls` are the addresses of the files that we hold."""
    look = message.actor_kind if message.actor_kind in _LOOKS else "system"
    return Bubble(
        kind="message",
        anchor=anchor(message.id),
        side=message.side,
        look="note" if message.side == "note" else look,
        icon=ACTOR_ICONS.get(message.actor_kind, "message"),
        sender=message.sender,
        role=message.role,
        follows=message.follows,
        clock=reader.clock(message.at),
        clock_iso=iso(message.at),
        clock_full=reader.full(message.at),
        blocks=tuple(block(each, urls) for each in message.blocks),
        hsm=message.hsm,
        delivery=None if message.delivery is None else _ticks(message.delivery),
        quote=None if message.quote is None else _quoted(message.quote),
        edited="" if message.edited is None else reader.full(message.edited),
        deleted="" if message.deleted is None else reader.full(message.deleted),
        late=message.late,
        reactions=message.reactions,
    )


def anchor(message_id: str) -> str:
    """The place of a message in its page; ids of sources hold signs an address should not."""
    return "m-" + "".join(sign if sign.isalnum() else "-" for sign in message_id)[:80]


def _ticks(delivery: Delivery) -> Ticks:
    icon, tone = DELIVERY_LOOKS.get(delivery.status, OTHER_DELIVERY)
    return Ticks(delivery.label, icon, tone, delivery.steps, delivery.problem)


def _quoted(quote: Quote) -> Quoted:
    return Quoted(anchor(quote.message_id) if quote.message_id else "", quote.sender, quote.text)
