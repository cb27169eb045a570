"""How a story is written down: the clock, who speaks, and every fact so far."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bitacora_schemas.events.blocks import Actor, Environment, EventData
from bitacora_schemas.events.message import (
    Message,
    MessageReceived,
    MessageSent,
    MessageStatusChanged,
    ReplyTo,
)
from bitacora_schemas.events.parts import Part, TextPart

from demo.cast import Customer

CUSTOMER = Actor(kind="customer")


@dataclass(frozen=True, slots=True)
class Happening:
    """A fact to be sent at `at`, which is also when it happened unless `happened_at` says otherwise."""

    at: datetime
    customer: Customer
    environment: Environment
    data: EventData
    happened_at: datetime | None = None


@dataclass(slots=True)
class Pace:
    """How long people and bots take, in seconds (least, most)."""

    customer: tuple[float, float] = (6.0, 75.0)
    bot: tuple[float, float] = (0.8, 2.5)
    human: tuple[float, float] = (15.0, 120.0)


@dataclass(slots=True)
class Teller:
    """Writes a story down: keeps the clock, the last message of each side and the facts so far."""

    rng: random.Random
    customer: Customer
    environment: Environment
    pace: Pace
    at: datetime
    facts: list[Happening] = field(default_factory=list)
    speaker: Actor = CUSTOMER
    words: dict[str, str] = field(default_factory=dict)
    last_heard: str | None = None  # id of the customer's last message
    last_said: str | None = None

    def tell(
        self, data: EventData, *, at: datetime | None = None, happened_at: datetime | None = None
    ) -> None:
        self.facts.append(Happening(at or self.at, self.customer, self.environment, data, happened_at))

    def wait(self, seconds: tuple[float, float]) -> None:
        self.at += timedelta(seconds=round(self.rng.uniform(*seconds), 3))

    def new_id(self) -> str:
        prefix = "wamid.demo" if self.customer.desk.channel == "whatsapp" else "m"
        return f"{prefix}.{uuid.UUID(int=self.rng.getrandbits(128), version=4).hex}"

    def fill(self, text: str) -> str:
        return text.format_map(self.words)

    def receive(self, part: Part, *, reply_to: str | None = None, evaluation_id: str | None = None) -> str:
        self.wait(self.pace.customer)
        message = Message(
            id=self.new_id(),
            sender=CUSTOMER,
            parts=(part,),
            plain_text=part.plain_text,
            visibility="public",
            provenance="live",
            reply_to=ReplyTo(message_id=reply_to) if reply_to else None,
            evaluation_id=evaluation_id,
        )
        desk = self.customer.desk
        self.tell(
            MessageReceived(
                thread=self.customer.thread,
                contact=self.customer.contact,
                chatbot=desk.chatbot,
                message=message,
            )
        )
        self.last_heard = message.id
        return message.id

    def send(self, part: Part, sender: Actor, *, pause: tuple[float, float] | None = None) -> str:
        self.wait(pause or (self.pace.human if sender.kind == "human" else self.pace.bot))
        message = Message(
            id=self.new_id(),
            sender=sender,
            parts=(part,),
            plain_text=part.plain_text,
            visibility="public",
            provenance="live",
        )
        self.tell(
            MessageSent(thread=self.customer.thread, chatbot=self.customer.desk.chatbot, message=message)
        )
        self.last_said = message.id
        self.deliver(message.id)
        return message.id

    def deliver(self, message_id: str) -> None:
        """The statuses WhatsApp reports; other channels report none here."""
        if self.customer.desk.channel != "whatsapp":
            return
        moment = self.at
        for status, longest, chance in (("sent", 0.4, 1.0), ("delivered", 1.5, 0.98), ("read", 20.0, 0.85)):
            if self.rng.random() > chance:
                return
            moment += timedelta(seconds=round(self.rng.uniform(0.1, longest), 3))
            self.tell(
                MessageStatusChanged(thread=self.customer.thread, message_id=message_id, status=status),
                at=moment,
            )


def text_part(text: str) -> TextPart:
    return TextPart(index=0, text=text, plain_text=text)
