"""A message on its way into the projection."""

from bitacora_schemas.events.message import MessageReceived, MessageSent
from msgspec import Struct

from services.ingest.projection.messages.content import StoredParts
from services.ingest.projection.messages.place import Place
from services.ingest.projection.working_set import Occurrence


class Arrival(Struct, gc=False):
    """A message event with the place of its message id and its parts as they are stored."""

    seen: Occurrence
    data: MessageReceived | MessageSent
    place: Place
    stored: StoredParts
