"""Message ids for those who must not see the source's: WhatsApp's hold the customer's number."""

import hashlib
from uuid import UUID


def opaque_id(message_key: UUID) -> str:
    """`m-` and 16 hex digits: the second half of the message key, which is a hash of the source's id."""
    return f"m-{message_key.hex[16:]}"


def opaque_id_of(message_id: str) -> str:
    """The same, from the source's id: for a message that is only named."""
    return f"m-{hashlib.sha256(message_id.encode()).hexdigest()[:16]}"
