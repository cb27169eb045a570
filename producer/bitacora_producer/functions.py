"""What all functions that publish have in common: from data to a record, and on to whoever sends it."""

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar, Unpack

from bitacora_schemas.events.blocks import Chatbot, EventData

from bitacora_producer.compose import Common, CommonWithContact, Sender, compose
from bitacora_producer.record import Record
from bitacora_producer.thread import Thread

R = TypeVar("R")
"""What a function answers: a Receipt, or something to await for one."""


class Functions(ABC, Generic[R]):
    """Composes the events of one connection. Who inherits says what is done with a record."""

    def __init__(self, sender: Sender, chatbot: Chatbot | None) -> None:
        self._sender = sender
        self._chatbot = chatbot

    def publish(self, data: EventData, **common: Unpack[Common]) -> R:
        """Publish an event given as the contract's own value, for callers that hold one (adapters, tests).

        Raises InvalidEventError for what ingest would refuse.
        """
        return self._publish(data, common)

    def _publish(
        self, data: EventData, common: Common | CommonWithContact, message_id: str | None = None
    ) -> R:
        return self._dispatch(compose(self._sender, data, common), message_id)

    @abstractmethod
    def _dispatch(self, record: Record, message_id: str | None) -> R:
        """Sends a record, its own way."""

    def _blocks(self, thread: Thread, common: Common | CommonWithContact) -> dict[str, Any]:
        """Return the blocks that the data of every event may hold."""
        return {
            "thread": thread.block(),
            "chatbot": common.get("chatbot") or self._chatbot,
            "conversation": common.get("conversation"),
            "origin": common.get("origin"),
        }
