"""Publishing what is known beside the conversation: contacts, templates, and what has no type of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from bitacora_schemas.events.blocks import Contact, Identifier, Origin
from bitacora_schemas.events.contact import ContactErased, ContactIdentityLinked, ContactUpdated
from bitacora_schemas.events.source import SourceUnmapped
from bitacora_schemas.events.template import TemplateDefined

from bitacora_producer.compose import Common, CommonWithContact
from bitacora_producer.contacts import completed, given_fields
from bitacora_producer.functions import Functions, R
from bitacora_producer.thread import Thread


class ProfileFunctions(Functions[R]):
    """One function for each thing that becomes known outside the course of a conversation."""

    def contact_updated(
        self,
        thread: Thread,
        *,
        contact: Contact,
        changed: Sequence[str] | None = None,
        action: str | None = None,
        **common: Unpack[Common],
    ) -> R:
        """Publish a changed profile; `changed` defaults to the fields given.

        `action` is created, updated or deleted.
        """
        blocks = self._blocks(thread, common)
        data = ContactUpdated(
            **blocks,
            contact=completed(contact, blocks["thread"].contact),
            changed=given_fields(contact) if changed is None else tuple(changed),
            action=action,
        )
        return self._publish(data, common)

    def identity_linked(
        self,
        thread: Thread,
        *,
        link: Sequence[Identifier],
        replaces: Identifier | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that these identifiers and the thread's own are one person."""
        data = ContactIdentityLinked(**self._blocks(thread, common), link=tuple(link), replaces=replaces)
        return self._publish(data, common)

    def contact_erased(
        self,
        thread: Thread,
        *,
        hashed_ids: Sequence[str],
        requested_at: datetime,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish that a person asked to be forgotten."""
        data = ContactErased(
            **self._blocks(thread, common), hashed_ids=tuple(hashed_ids), requested_at=requested_at
        )
        return self._publish(data, common)

    def template_defined(
        self,
        thread: Thread,
        *,
        template_id: str,
        name: str,
        language: str,
        components: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        namespace: str | None = None,
        category: str | None = None,
        version: str | None = None,
        **common: Unpack[CommonWithContact],
    ) -> R:
        """Publish a template's definition."""
        data = TemplateDefined(
            **self._blocks(thread, common),
            template_id=template_id,
            name=name,
            language=language,
            components=components if isinstance(components, Mapping) else tuple(components),
            namespace=namespace,
            category=category,
            version=version,
        )
        return self._publish(data, common)

    def source_unmapped(self, thread: Thread, *, why: str, source: Origin, **common: Unpack[Common]) -> R:
        """Publish what no other type can express, as it came, with the reason."""
        blocks = self._blocks(thread, common) | {"origin": source}
        return self._publish(SourceUnmapped(**blocks, why=why), common)
