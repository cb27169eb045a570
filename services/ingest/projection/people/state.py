"""A contact as the reducer holds it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from bitacora_schemas.events.blocks import Contact
from msgspec import Struct

Version = tuple[datetime, UUID]

COLUMNS = ("name", "email", "phone", "company_id", "tax_id", "birth_date", "locale", "timezone", "address")
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
    told: Contact | None = None
    """The latest block that is not in `fields` yet: most events repeat what the one before said."""
    told_version: Version | None = None
    is_new: bool = True
    dirty: bool = False
    stale_search: bool = True
