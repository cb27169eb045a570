"""What the library adds to a contact: the thread's identifier, and the phone that a wa_id tells."""

import msgspec
from bitacora_schemas.events.blocks import Contact, Identifier


def completed(contact: Contact | None, identifier: Identifier) -> Contact:
    """Return the contact with the thread's identifier among its ids, and a phone when a wa_id tells it."""
    contact = contact or Contact()
    ids = contact.ids if identifier in contact.ids else (identifier, *contact.ids)
    return msgspec.structs.replace(contact, ids=ids, phone=contact.phone or _phone_of(ids))


def given_fields(contact: Contact) -> tuple[str, ...]:
    """Return the names of the profile fields that a contact says something about."""
    return tuple(
        name for name in contact.__struct_fields__ if name != "ids" and getattr(contact, name) is not None
    )


def _phone_of(ids: tuple[Identifier, ...]) -> str | None:
    # A wa_id is the phone number in digits, without the plus; a business-scoped id is another kind.
    for identifier in ids:
        if identifier.kind == "wa_id" and identifier.value.isascii() and identifier.value.isdigit():
            return f"+{identifier.value}"
    return None
