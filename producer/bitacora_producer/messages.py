"""Publishing messages: what customers, bots, people and campaigns write."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack
from uuid import uuid4

from bitacora_schemas.events.blocks import Actor, Contact, Visibility
from bitacora_schemas.events.message import (
    Campaign,
    Message,
    MessageReceived,
    MessageSent,
    Nlu,
    ReplyTo,
)
from bitacora_schemas.events.parts import Part, TemplatePart
from bitacora_schemas.events.template import Template

from bitacora_producer.compose import Common, CommonWithContact
from bitacora_producer.contacts import completed
from bitacora_producer.functions import Functions, R
from bitacora_producer.parts import in_order, plain_text_of
from bitacora_producer.parts import text as text_part
from bitacora_producer.thread import Thread

CUSTOMER = Actor(kind="customer")
BOT = Actor(kind="bot")


class MessageFunctions(Functions[R]):
    """One function for each way a message comes to be.

    Content is `text` or `parts`. Without `message_id` one is made (`gen:<uuid>`), so repeats cannot be seen.
    """

    def message_received(
        self,
        thread: Thread,
        *,
        text: str | None = None,
        parts: Sequence[Part] = (),
        message_id: str | None = None,
        contact: Contact | None = None,
        sender: Actor = CUSTOMER,
        plain_text: str | None = None,
        reply_to: ReplyTo | str | None = None,
        evaluation_id: str | None = None,
        external_id: str | None = None,
        forwarded: bool | None = None,
        nlu: Nlu | None = None,
        provenance: str = "live",
        referral: Mapping[str, Any] | None = None,
        **common: Unpack[Common],
    ) -> R:
        """Publish that the customer wrote."""
        message = _message(
            text=text,
            parts=parts,
            message_id=message_id,
            sender=sender,
            plain_text=plain_text,
            visibility="public",
            reply_to=reply_to,
            evaluation_id=evaluation_id,
            external_id=external_id,
            forwarded=forwarded,
            nlu=nlu,
            provenance=provenance,
        )
        blocks = self._blocks(thread, common)
        contact = completed(contact, blocks["thread"].contact)
        data = MessageReceived(**blocks, contact=contact, message=message, referral=referral)
        return self._publish(data, common, message.id)

    def message_sent(
        self,
        thread: Thread,
        *,
        text: str | None = None,
        parts: Sequence[Part] = (),
        sender: Actor = BOT,
        message_id: str | None = None,
        visibility: Visibility = "public",
        plain_text: str | None = None,
        reply_to: ReplyTo | str | None = None,
        external_id: str | None = None,
        provenance: str = "live",
        campaign: Campaign | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that a bot or a person wrote; `visibility` internal makes it a note among operators."""
        message = _message(
            text=text,
            parts=parts,
            message_id=message_id,
            sender=sender,
            plain_text=plain_text,
            visibility=visibility,
            reply_to=reply_to,
            external_id=external_id,
            provenance=provenance,
        )
        blocks = self._blocks(thread, common)
        contact = common.get("contact")
        if contact is not None:
            contact = completed(contact, blocks["thread"].contact)
        data = MessageSent(**blocks, contact=contact, message=message, campaign=campaign)
        return self._publish(data, common, message.id)

    def template_sent(
        self,
        thread: Thread,
        template: Template,
        *,
        campaign: Campaign | None = None,
        sender: Actor | None = None,
        message_id: str | None = None,
        provenance: str = "live",
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that an HSM was sent. Give `template.text` rendered: no vendor tells it afterwards."""
        if sender is None:
            sender = BOT if campaign is None else Actor(kind="campaign", id=campaign.id, name=campaign.name)
        return self.message_sent(
            thread,
            parts=(TemplatePart(index=0, template=template),),
            sender=sender,
            message_id=message_id,
            provenance=provenance,
            campaign=campaign,
            **common,
        )


def _message(
    *,
    text: str | None,
    parts: Sequence[Part],
    message_id: str | None,
    sender: Actor,
    plain_text: str | None,
    visibility: Visibility,
    reply_to: ReplyTo | str | None,
    provenance: str,
    evaluation_id: str | None = None,
    external_id: str | None = None,
    forwarded: bool | None = None,
    nlu: Nlu | None = None,
) -> Message:
    content = content_of(text, parts)
    return Message(
        id=message_id or f"gen:{uuid4()}",
        sender=sender,
        parts=content,
        plain_text=plain_text_of(content) if plain_text is None else plain_text,
        visibility=visibility,
        provenance=provenance,
        external_id=external_id,
        reply_to=ReplyTo(message_id=reply_to) if isinstance(reply_to, str) else reply_to,
        evaluation_id=evaluation_id,
        forwarded=forwarded,
        nlu=nlu,
    )


def content_of(text: str | None, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts of a message; ValueError unless exactly one of text and parts is given."""
    if (text is None) == (not parts):
        raise ValueError("a message has either text or parts")
    return in_order(parts) if text is None else (text_part(text),)
