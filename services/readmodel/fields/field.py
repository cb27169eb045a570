"""What is said once about a field of a conversation."""

from typing import Literal

from bitacora_schemas.codes import Code
from msgspec import Struct


class Text(Struct, frozen=True):
    """Text as it came. `words` names the table of `services/presentation/words.py` that says known values to people.

    `mask` is the SQL function that hides an identifier from those who see lists masked.
    """

    words: str | None = None
    mask: str | None = None


class Closed(Struct, frozen=True):
    """A closed set, stored as numbers. `words` as for Text."""

    codes: type[Code]
    words: str


class Time(Struct, frozen=True):
    """A moment."""


class Number(Struct, frozen=True):
    """A number, written as it is."""


class Flag(Struct, frozen=True):
    """Yes or no, never unknown."""


class Id(Struct, frozen=True):
    """The conversation's own id."""


class Link(Struct, frozen=True):
    """The address of a page of ours: the field's SQL comes behind `path`."""

    path: str


class Named(Struct, frozen=True):
    """Somebody: a name, or what kind of actor it is where there is none. `kind_sql` and `words` are the kind's."""

    kind_sql: str
    words: str


class Search(Struct, frozen=True):
    """Text that can be looked into and is never listed."""


Kind = Text | Closed | Time | Number | Flag | Id | Link | Named | Search


class OneOf(Struct, frozen=True):
    """Asked by values as they came: one of those given. `attribute` is the filter's name for them.

    `commas`: values hold no comma, so several may stand in one parameter.
    """

    attribute: str
    commas: bool = False


class ListHolds(Struct, frozen=True):
    """The same of a list of `{id, name}`: it holds one of the ids given."""

    attribute: str


class ClosedWords(Struct, frozen=True):
    """Asked by words of a closed set: any of them, or, without `several`, one or `all`."""

    attribute: str
    several: bool


class Has(Struct, frozen=True):
    """Asked by a word of the parameter `has`, which conversations must have all of. `aliases` mean the same."""

    word: str
    aliases: tuple[str, ...] = ()


class Within(Struct, frozen=True):
    """Asked by a period, with `word` in `period_of`; `way` is how the condition finds it.

    `key`: by the sort key; `column`: by its own column; `activity`: through the narrow table of activity.
    `sorts`: the list can be in its order.
    """

    word: Literal["started", "activity", "ended"]
    way: Literal["key", "column", "activity"]
    sorts: bool = False


class Scored(Struct, frozen=True):
    """Asked by the bounds of a score, with `word` in `metric`; without a metric any score may be within them."""

    word: str


class ContactSearch(Struct, frozen=True):
    """Asked by what is typed into the box: words and phone spellings of a contact, or a conversation's id."""


class MessageSearch(Struct, frozen=True):
    """Asked by words of the messages."""


Ask = OneOf | ListHolds | ClosedWords | Has | Within | Scored | ContactSearch | MessageSearch


class Facet(Struct, frozen=True):
    """Counted by value. `name` stands in the answer, `name_sql` is what people call a value."""

    name: str
    name_sql: str | None = None


class Column(Struct, frozen=True):
    """A column of tables that people and programs are given.

    `place` counts from 1 and never changes: files are read by position too, so a new column comes last. `name` is for
    programs, `title` for people, a marked text with `{zone}` where the column holds local time. `sql` is given where
    the table shows something else than the field itself; it may say `{masked}`.
    """

    place: int
    name: str
    title: str
    sql: str | None = None


class Field(Struct, frozen=True, kw_only=True):
    """One field. Conditions and columns see `conversation` as `c`, columns also its `contact` as `ct`.

    `name` is the field's parameter, where it has one of its own. `label` is what pages call it, a marked text that
    they translate; `chip` the same on a chip, where that is shorter; `unasked` what a form says while it is not asked
    for. `about` explains the parameter in the description of the API. `index` is what its condition leans on; None:
    it narrows what another index found. `optional`: some conversations have none.
    """

    name: str
    kind: Kind
    sql: str
    label: str = ""
    chip: str | None = None
    unasked: str = ""
    about: str = ""
    index: str | None = None
    optional: bool = False
    ask: Ask | None = None
    facet: Facet | None = None
    column: Column | None = None

    @property
    def codes(self) -> type[Code]:
        """The closed set of its values. Raises TypeError for a field that has none."""
        if not isinstance(self.kind, Closed):
            raise TypeError(f"{self.name} is no closed set")
        return self.kind.codes

    @property
    def named(self) -> bool:
        """Whether its values are ids that people know by a name."""
        return isinstance(self.ask, ListHolds) or (self.facet is not None and self.facet.name_sql is not None)


def marked(text: str) -> str:
    """The text itself; imported as `_`, so that catalogues have it. Who shows it translates it."""
    return text
