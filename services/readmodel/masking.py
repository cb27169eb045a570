"""What an operator sees of a customer's identifiers in a list: enough to recognise, too little to copy."""

import msgspec

from services.readmodel.rows import Contact, ConversationItem, Identifier

_SHORTEST_PARTLY_SHOWN = 8
_PHONE_KINDS = frozenset({"phone", "wa_id"})


def mask_phone(phone: str) -> str:
    """`+5511900001234` becomes `+55 ** *****-1234`; without seven digits everything is hidden."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) < _SHORTEST_PARTLY_SHOWN:
        return "*" * max(len(digits), 3)
    hidden = len(digits) - 6
    middle = "*" * hidden if hidden <= 2 else f"** {'*' * (hidden - 2)}"
    return f"+{digits[:2]} {middle}-{digits[-4:]}"


def mask_email(email: str) -> str:
    """`juana@dominio.com` becomes `j***@d***.com`."""
    local, at, domain = email.rpartition("@")
    if not at or not local:
        return "***"
    name, dot, ending = domain.rpartition(".")
    shown = f"{name[:1]}***.{ending}" if dot else "***"
    return f"{local[:1]}***@{shown}"


def mask_identifier(identifier: Identifier) -> Identifier:
    """The identifier with its value masked by what its kind holds."""
    value = identifier.value
    if identifier.kind in _PHONE_KINDS:
        masked = mask_phone(value)
    elif identifier.kind == "email" or "@" in value[1:]:
        masked = mask_email(value)
    elif len(value) < _SHORTEST_PARTLY_SHOWN:
        masked = "***"
    else:
        masked = f"{value[:2]}***{value[-2:]}"
    return Identifier(identifier.kind, masked)


def mask_contact(contact: Contact) -> Contact:
    """The contact with phone, e-mail and identifiers masked; the name and the company id stay."""
    return msgspec.structs.replace(
        contact,
        email=None if contact.email is None else mask_email(contact.email),
        phone=None if contact.phone is None else mask_phone(contact.phone),
        ids=tuple(mask_identifier(identifier) for identifier in contact.ids),
    )


def mask_item(item: ConversationItem) -> ConversationItem:
    """The list row with its contact masked."""
    return msgspec.structs.replace(item, contact=mask_contact(item.contact))
