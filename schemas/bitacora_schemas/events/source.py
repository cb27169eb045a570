"""What a source sent that our types cannot express."""

from bitacora_schemas.events.blocks import EventData, Origin
from bitacora_schemas.events.scalars import Name


class SourceUnmapped(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An adapter met something it has no event for; `origin` holds it, `why` says what was in the way."""

    origin: Origin
    why: Name
