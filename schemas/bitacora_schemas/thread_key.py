"""How a thread gets its key: one contact with one chatbot address on one channel and environment."""

import base64
import binascii
import hashlib

THREAD_KEY_LENGTH = 32
"""Characters of a thread key; it decodes to 24 bytes."""


def thread_key(
    accountid: str,
    environment: str,
    channel: str,
    channel_address: str,
    contact_kind: str,
    contact_value: str,
) -> str:
    """Return the 32-character key that is at once record key, `partitionkey` and `subject`.

    Pseudonymous, not anonymous: who knows the identifier can compute it.
    """
    recipe = (
        f"bitacora:thread:v1\n{accountid}\n{environment}\n{channel}\n{channel_address}"
        f"\n{contact_kind}:{contact_value}"
    )
    digest = hashlib.sha256(recipe.encode()).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode("ascii")


def thread_key_bytes(key: str) -> bytes:
    """Return the 24 bytes behind a thread key; ValueError when `key` is none."""
    if len(key) != THREAD_KEY_LENGTH:
        raise ValueError("a thread key has 32 characters")
    try:
        return base64.b64decode(key, altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("a thread key is base64url") from error
