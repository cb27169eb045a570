"""A thread as the caller names it: one contact with one chatbot address on one channel."""

from typing import NamedTuple

from bitacora_schemas.events.blocks import Identifier
from bitacora_schemas.events.blocks import Thread as ThreadBlock


class Thread(NamedTuple):
    """The business side is `channel_address` (phone number id, page, bot); the customer is kind and value.

    All but the name enter the thread key, so use the same identifier for a customer every time.
    """

    channel: str
    channel_address: str
    contact_kind: str
    contact_value: str
    channel_name: str | None = None

    def block(self) -> ThreadBlock:
        """Return the `thread` block of the event's data."""
        return ThreadBlock(
            channel=self.channel,
            channel_address=self.channel_address,
            contact=Identifier(kind=self.contact_kind, value=self.contact_value),
            channel_name=self.channel_name,
        )
