"""Which event types exist: (type without version, major) to the Struct of its data."""

from typing import NamedTuple

from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.contact import ContactErased, ContactIdentityLinked, ContactUpdated
from bitacora_schemas.events.conversation import (
    ConversationAnnotated,
    ConversationEnded,
    ConversationStarted,
    ConversationTransferred,
)
from bitacora_schemas.events.evaluation import EvaluationAnswered, EvaluationAsked
from bitacora_schemas.events.file import FileStored, FileUnavailable
from bitacora_schemas.events.lifecycle import ConversationClosed, ConversationOpened
from bitacora_schemas.events.message import (
    MessageDeleted,
    MessageEdited,
    MessageReacted,
    MessageReceived,
    MessageSent,
    MessageStatusChanged,
)
from bitacora_schemas.events.source import SourceUnmapped
from bitacora_schemas.events.template import TemplateDefined

CATALOG: dict[tuple[str, int], type[EventData]] = {
    ("bitacora.conversation.started", 1): ConversationStarted,
    ("bitacora.conversation.ended", 1): ConversationEnded,
    ("bitacora.conversation.transferred", 1): ConversationTransferred,
    ("bitacora.conversation.annotated", 1): ConversationAnnotated,
    ("bitacora.message.received", 1): MessageReceived,
    ("bitacora.message.sent", 1): MessageSent,
    ("bitacora.message.status_changed", 1): MessageStatusChanged,
    ("bitacora.message.edited", 1): MessageEdited,
    ("bitacora.message.deleted", 1): MessageDeleted,
    ("bitacora.message.reacted", 1): MessageReacted,
    ("bitacora.file.stored", 1): FileStored,
    ("bitacora.file.unavailable", 1): FileUnavailable,
    ("bitacora.contact.updated", 1): ContactUpdated,
    ("bitacora.contact.identity_linked", 1): ContactIdentityLinked,
    ("bitacora.contact.erased", 1): ContactErased,
    ("bitacora.evaluation.asked", 1): EvaluationAsked,
    ("bitacora.evaluation.answered", 1): EvaluationAnswered,
    ("bitacora.template.defined", 1): TemplateDefined,
    ("bitacora.source.unmapped", 1): SourceUnmapped,
}
"""The events topic."""

LIFECYCLE_CATALOG: dict[tuple[str, int], type[EventData]] = {
    ("bitacora.conversation.opened", 1): ConversationOpened,
    ("bitacora.conversation.closed", 1): ConversationClosed,
}
"""The lifecycle topic, which ingest writes."""


class TypeName(NamedTuple):
    """A wire type taken apart; the major is 0 where the text ends in no version."""

    name: str
    major: int


def wire_type(name: str, major: int) -> str:
    """Return the `type` attribute: `bitacora.<noun>.<verb>.v<major>`."""
    return f"{name}.v{major}"


def split_type(type_: str) -> TypeName:
    """Take a `type` attribute apart; never fails."""
    name, dot, version = type_.rpartition(".v")
    if not dot or not version.isascii() or not version.isdigit() or len(version) > 4:
        return TypeName(type_, 0)
    return TypeName(name, int(version))


WIRE_TYPES: dict[type[EventData], str] = {
    struct: wire_type(name, major) for (name, major), struct in {**CATALOG, **LIFECYCLE_CATALOG}.items()
}
"""Struct to the `type` attribute it travels under."""
