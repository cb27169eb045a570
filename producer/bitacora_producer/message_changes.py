"""Publishing what happens to messages: statuses, edits, deletions, reactions, files."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Unpack

from bitacora_schemas.events.blocks import Actor
from bitacora_schemas.events.file import File, FileStored, FileUnavailable
from bitacora_schemas.events.message import (
    MessageDeleted,
    MessageEdited,
    MessageReacted,
    MessageStatusChanged,
    StatusError,
)
from bitacora_schemas.events.parts import Part

from bitacora_producer.compose import CommonWithContact
from bitacora_producer.functions import Functions, R
from bitacora_producer.messages import BOT, CUSTOMER, content_of
from bitacora_producer.parts import plain_text_of
from bitacora_producer.thread import Thread


class MessageChangeFunctions(Functions[R]):
    """One function for each thing that can happen to a message, even before the message is published."""

    def message_status_changed(
        self,
        thread: Thread,
        *,
        message_id: str,
        status: str,
        part_index: int | None = None,
        errors: Sequence[StatusError] = (),
        billing: Mapping[str, Any] | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish a step of delivery: queued, accepted, sent, delivered, read, played, rejected, failed, ..."""
        data = MessageStatusChanged(
            **self._blocks(thread, common),
            message_id=message_id,
            status=status,
            part_index=part_index,
            errors=tuple(errors),
            billing=billing,
        )
        return self._publish(data, common, message_id)

    def message_edited(
        self,
        thread: Thread,
        *,
        message_id: str,
        text: str | None = None,
        parts: Sequence[Part] = (),
        plain_text: str | None = None,
        actor: Actor = BOT,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that a message has new content, by the bot unless `actor` says otherwise."""
        content = content_of(text, parts)
        data = MessageEdited(
            **self._blocks(thread, common),
            message_id=message_id,
            parts=content,
            plain_text=plain_text_of(content) if plain_text is None else plain_text,
            actor=actor,
        )
        return self._publish(data, common, message_id)

    def message_deleted(
        self,
        thread: Thread,
        *,
        message_id: str,
        actor: Actor,
        scope: Literal["everyone", "self"] = "everyone",
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that a message was deleted, for everyone or only on the actor's own device."""
        data = MessageDeleted(**self._blocks(thread, common), message_id=message_id, actor=actor, scope=scope)
        return self._publish(data, common, message_id)

    def message_reacted(
        self,
        thread: Thread,
        *,
        message_id: str,
        emoji: str | None,
        actor: Actor = CUSTOMER,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish a reaction; emoji None takes it back."""
        data = MessageReacted(**self._blocks(thread, common), message_id=message_id, actor=actor, emoji=emoji)
        return self._publish(data, common, message_id)

    def file_stored(
        self,
        thread: Thread,
        *,
        message_id: str,
        file: File,
        part_index: int = 0,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that a message's file is in our store: `file.state` stored, with its `stored_uri`."""
        data = FileStored(
            **self._blocks(thread, common), message_id=message_id, part_index=part_index, file=file
        )
        return self._publish(data, common, message_id)

    def file_unavailable(
        self,
        thread: Thread,
        *,
        message_id: str,
        reason: str,
        part_index: int = 0,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that a file will not come: expired, rejected, too_large, malware or error."""
        data = FileUnavailable(
            **self._blocks(thread, common), message_id=message_id, part_index=part_index, reason=reason
        )
        return self._publish(data, common, message_id)
