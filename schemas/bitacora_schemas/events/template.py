"""A template message (HSM) as it was sent, and the definition of a template."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from bitacora_schemas.events.blocks import EventData
from bitacora_schemas.events.scalars import Id, Index, Name, Word


class TemplateVariable(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A value in a template, by position (from 1) or name: text, currency, date_time, media, payload."""

    kind: Word
    value: str
    position: Index | None = None
    name: Name | None = None


class Template(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An HSM as sent. `text` is the rendered whole; with rendering `none` only name and values are known.

    `rendering` is provided, computed, incomplete or none. Nobody substitutes variables a second time.
    """

    name: Id
    language: Word
    rendering: Word
    text: str = ""
    template_id: Id | None = None
    namespace: Id | None = None
    category: Word | None = None
    header: str | None = None
    body: str | None = None
    footer: str | None = None
    buttons: tuple[str | Mapping[str, Any], ...] | None = None
    variables: tuple[TemplateVariable, ...] = ()


class TemplateDefined(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A template was approved or changed; `components` hold its parts as the vendor names them."""

    template_id: Id
    name: Id
    language: Word
    components: Mapping[str, Any] | tuple[Mapping[str, Any], ...]
    namespace: Id | None = None
    category: Word | None = None
    version: Name | None = None
