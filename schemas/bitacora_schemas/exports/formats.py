"""The formats of exports, one row each: what may be asked for, what a job then holds, and what comes out.

A new format is a request, a specification and a row here, and a renderer in the export process.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

FormatName = Literal["csv", "ndjson", "pdf"]
Profile = Literal["spreadsheet", "data"]
Delimiter = Literal[",", ";"]

LANGUAGES = ("es", "pt", "en")
"""Languages of files that people read: those whose words are complete. Others are refused when they are asked for."""

Language = Annotated[str, Meta(extra_json_schema={"enum": list(LANGUAGES)})]


class ListRequest(Struct, frozen=True, kw_only=True, tag_field="format", forbid_unknown_fields=True):
    """What a filter finds. Without `masked`, identifiers are shown to whom the list shows them."""

    filter: dict[str, Any] = field(default_factory=dict)
    timezone: str | None = None
    masked: bool | None = None


class TranscriptRequest(Struct, frozen=True, kw_only=True, tag_field="format", forbid_unknown_fields=True):
    """The transcript of one conversation."""

    conversation_id: UUID
    timezone: str | None = None
    locale: Language = LANGUAGES[0]


class CsvRequest(ListRequest, frozen=True, kw_only=True, tag="csv"):
    """A table of what a filter finds; `filter` has the names of the list's parameters. `gzip` packs the file.

    `locale` is the language of titles and words, which only the profile `spreadsheet` has.
    """

    profile: Profile = "data"
    locale: Language = LANGUAGES[0]
    delimiter: Delimiter = ","
    gzip: bool = False


class NdjsonRequest(ListRequest, frozen=True, kw_only=True, tag="ndjson"):
    """What a filter finds, a JSON object a line, for programs. `gzip` packs the file."""

    gzip: bool = False


class PdfRequest(TranscriptRequest, frozen=True, kw_only=True, tag="pdf"):
    """The transcript of one conversation, to be read and printed."""


ExportRequest = CsvRequest | NdjsonRequest | PdfRequest


class ListSpec(Struct, frozen=True, kw_only=True, tag_field="format"):
    """An export of what `filter` finds, which the read model reads; `masked` hides identifiers as lists do for operators.

    What is not there stands in no row that query wrote; so the defaults are the careful ones.
    """

    filter: Mapping[str, Any] = field(default_factory=dict)
    timezone: str = "UTC"
    masked: bool = True


class TranscriptSpec(Struct, frozen=True, kw_only=True, tag_field="format"):
    """An export of one conversation, with the times of `timezone`."""

    conversation_id: UUID
    timezone: str = "UTC"
    locale: str = LANGUAGES[0]


class CsvSpec(ListSpec, frozen=True, kw_only=True, tag="csv"):
    """A table; `gzip` and `locale` are absent in older rows."""

    profile: Profile = "spreadsheet"
    locale: str = LANGUAGES[0]
    delimiter: Delimiter = ","
    gzip: bool = False


class NdjsonSpec(ListSpec, frozen=True, kw_only=True, tag="ndjson"):
    """Lines of JSON; `timezone` only names the file."""

    gzip: bool = False


class PdfSpec(TranscriptSpec, frozen=True, kw_only=True, tag="pdf"):
    """A transcript to be read and printed."""


Spec = CsvSpec | NdjsonSpec | PdfSpec


class FileKind(Struct, frozen=True):
    """What a finished file is."""

    ending: str
    media_type: str


class Format(Struct, frozen=True, kw_only=True):
    """A format. `renderer` names the code of the export process that makes it.

    `hides_identifiers`: its files hide phones, e-mails and other identifiers from a role that sees them masked, so its
    specification says `masked`. `packed` is what the file becomes when it is packed: by `gzip` when that was asked for,
    else when it is too large for one document. `languages` are those its file can be in; empty: it does not ask.
    """

    name: FormatName
    label: str
    request: type[ListRequest | TranscriptRequest]
    spec: type[ListSpec | TranscriptSpec]
    renderer: str
    file: FileKind
    packed: FileKind | None = None
    hides_identifiers: bool
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises TypeError for a format that would hide identifiers and has no way to be told so."""
        if self.hides_identifiers and "masked" not in self.spec.__struct_fields__:
            raise TypeError(f"the specification of {self.name} cannot say that identifiers are hidden")

    @property
    def of_filter(self) -> bool:
        """Whether it is made of what a filter finds, else of one conversation."""
        return issubclass(self.spec, ListSpec)

    @property
    def gzip(self) -> bool:
        """Whether it can be asked for packed by gzip."""
        return "gzip" in self.spec.__struct_fields__

    def kind(self, *, packed: bool = False) -> FileKind:
        """What its file is; `packed` says that it was packed, which makes no difference where that cannot be."""
        return self.packed if packed and self.packed is not None else self.file


_ROWS = (
    Format(
        name="csv",
        label="CSV",
        request=CsvRequest,
        spec=CsvSpec,
        renderer="csv",
        file=FileKind("csv", "text/csv; charset=utf-8"),
        packed=FileKind("csv.gz", "application/gzip"),
        hides_identifiers=True,
        languages=LANGUAGES,
    ),
    Format(
        name="ndjson",
        label="NDJSON",
        request=NdjsonRequest,
        spec=NdjsonSpec,
        renderer="ndjson",
        file=FileKind("ndjson", "application/x-ndjson"),
        packed=FileKind("ndjson.gz", "application/gzip"),
        hides_identifiers=True,
    ),
    Format(
        name="pdf",
        label="PDF",
        request=PdfRequest,
        spec=PdfSpec,
        renderer="pdf",
        file=FileKind("pdf", "application/pdf"),
        packed=FileKind("zip", "application/zip"),
        # A transcript shows what the conversation's own page shows the same person: one customer, and the view is audited.
        hides_identifiers=False,
        languages=LANGUAGES,
    ),
)

FORMATS: Mapping[str, Format] = {row.name: row for row in _ROWS}


def format_of(spec: ListSpec | TranscriptSpec) -> Format:
    """The row of a specification's format."""
    return _BY_SPEC[type(spec)]


_BY_SPEC: Mapping[type, Format] = {row.spec: row for row in _ROWS}
