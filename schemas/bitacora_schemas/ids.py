"""How facts, conversations, contacts and their index keys get their ids: computed, never drawn."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from bitacora_schemas.thread_key import thread_key_bytes

NAMESPACE = uuid5(NAMESPACE_URL, "urn:bitacora:v1")
"""The namespace of every UUIDv5 of ours."""

CONV_KEY_EPOCH_MS = 1_500_000_000_000
"""Milliseconds (2017-07-14) that `conv_key` counts from, so that 43 bits of time last until 2296."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION_8 = 0x8 << 76
_VARIANT = 0b10 << 62
_LOW_48 = (1 << 48) - 1


class ContactIdentifier(NamedTuple):
    """One identifier of a contact and where it was seen, which scopes `source` and `username`."""

    kind: str
    value: str
    channel: str = ""
    channel_address: str = ""

    @property
    def scoped(self) -> str:
        """The form in contact ids: a `source` is unique within its address, a `username` in its channel."""
        if self.kind == "source":
            return f"source:{self.channel}:{self.channel_address}:{self.value}"
        if self.kind == "username":
            return f"username:{self.channel}:{self.value}"
        return f"{self.kind}:{self.value}"


def uuid5_of(*values: str) -> UUID:
    r"""Return the UUIDv5 over `values` joined by `\n` in our namespace."""
    return uuid5(NAMESPACE, "\n".join(values))


def conversation_id(thread_key: str, opening_event_id: UUID | str) -> UUID:
    """Return the id of the conversation that this event opens; an id as text must be in canonical form."""
    return uuid5_of(thread_key, str(opening_event_id))


def contact_id(accountid: str, identifiers: Iterable[ContactIdentifier]) -> UUID:
    """Return the id of the contact that owns these linked identifiers: the smallest scoped form decides.

    "Smallest" is by Unicode code point, so it does not depend on a locale. ValueError without identifiers.
    """
    return uuid5_of(accountid, min(identifier.scoped for identifier in identifiers))


def event_id_v8(recipe: Iterable[str], time: datetime | None) -> UUID:
    r"""Return the UUIDv8 (RFC 9562) of a fact: the same fact always has the same id, and ids follow time.

    48 bits hold `time` in milliseconds since 1970 (0 for None or before 1970), the 74 free bits behind
    version and variant hold the first 74 bits of SHA-256 over the recipe's values joined by `\n`.
    """
    millis = 0 if time is None else min(max(epoch_ms(time), 0), _LOW_48)
    digest = int.from_bytes(hashlib.sha256("\n".join(recipe).encode()).digest()[:10], "big") >> 6
    return UUID(int=millis << 80 | _VERSION_8 | (digest >> 62) << 64 | _VARIANT | digest & ((1 << 62) - 1))


def source_recipe(
    *,
    thread_key: str,
    connectionid: str,
    type: str,  # noqa: A002 - the envelope's own name
    message_id: str,
    part: int | None = None,
    status: str = "",
    status_time: str = "",
    own_time: str = "",
) -> tuple[str, ...]:
    """Return the recipe of a fact about a source message; times are the RFC 3339 text as sent.

    `own_time` is for edits, deletions and reactions, which can happen more than once to a message.
    """
    recipe = (
        thread_key,
        connectionid,
        type,
        message_id,
        "" if part is None else str(part),
        status,
        status_time,
    )
    return (*recipe, own_time) if own_time else recipe


def payload_recipe(
    *,
    thread_key: str,
    connectionid: str,
    type: str,  # noqa: A002 - the envelope's own name
    sender: str,
    time: str,
    canonical_payload: bytes,
) -> tuple[str, ...]:
    """Return the recipe of a fact without source ids; canonical JSON has sorted keys and no blanks."""
    return (thread_key, connectionid, type, sender, time, hashlib.sha256(canonical_payload).hexdigest())


def conv_key(started_at: datetime, conversation_id: UUID) -> int:
    """Return the sort key of a conversation: start in ms above 20 bits of its id; fits a signed bigint.

    Starts before 2017-07-14 all sort first. On a unique violation the writer adds 1.
    """
    millis = max(epoch_ms(started_at) - CONV_KEY_EPOCH_MS, 0)
    return millis << 20 | conversation_id.int >> 108


def message_key(thread_key: str, message_id: str) -> UUID:
    """Return 16 bytes for (thread, message id) in an index: 8 of the thread, 8 of the id's SHA-256.

    A raw 16-byte value in UUID form, without version bits. Messages of one thread lie side by side.
    ValueError when `thread_key` is none.
    """
    digest = hashlib.sha256(message_id.encode()).digest()
    return UUID(bytes=thread_key_bytes(thread_key)[:8] + digest[:8])


def epoch_ms(time: datetime) -> int:
    """Return whole milliseconds since 1970, rounded down; exact, unlike going through a float."""
    return (time - _EPOCH) // _MILLISECOND
