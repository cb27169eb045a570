"""A contact as the fold holds it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from bitacora_schemas.events.blocks import Contact
from msgspec import Struct

Version = tuple[datetime, UUID]
ContactKey = tuple[int, UUID]
"""Account and contact."""

PROFILE = ("name", "email", "phone", "company_id", "tax_id", "birth_date", "locale", "timezone", "address")
"""Profile fields with a column of their own; the rest are attributes."""
ATTRIBUTE = "attributes."


class StoredIdentifier(Struct, frozen=True):
    """An identifier with the scoped form that is unique in its account."""

    identifier: str
    kind: str
    value: str


class ContactState(Struct, eq=False):
    """One person for an account: `fields` by name with the version of each; attributes as `attributes.<key>`."""

    account_id: int
    contact_id: UUID
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    versions: dict[str, Version] = msgspec.field(default_factory=dict)
    search: str = ""
    identifiers: dict[str, StoredIdentifier] = msgspec.field(default_factory=dict)
    complete: bool = True
    """Whether every identifier is loaded; only then can `search` be made."""
    latest: Contact | None = None
    """The latest block that is not in `fields` yet: most events repeat what the one before said."""
    latest_version: Version | None = None

    @property
    def key(self) -> ContactKey:
        """Its key among all accounts."""
        return self.account_id, self.contact_id

    def picture(self) -> "Profile":
        """What of it is stored, to be compared with later."""
        return Profile(dict(self.fields), dict(self.versions), self.search)


class Profile(Struct, gc=False):
    """What is stored of a contact."""

    fields: dict[str, Any]
    versions: dict[str, Version]
    search: str
