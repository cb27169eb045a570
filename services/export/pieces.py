"""The content of a message as pieces of a transcript. Pure."""

from collections.abc import Iterator, Sequence
from typing import Literal

from services.export.document import Fact, Piece
from services.export.printable import breakable, clean, plain, reads_right_to_left, runs_of
from services.presentation.marks import Node
from services.presentation.parts import Block
from services.presentation.reader import Reader


def piece_of(reader: Reader, block: Block) -> Iterator[Piece]:
    """The pieces of one block, in reading order."""
    match block.kind:
        case "text":
            yield text_piece(block.text)
        case "notice":
            yield text_piece(block.text, kind="notice")
        case "choice":
            yield _choice(reader, block)
        case "options":
            if block.text:
                yield text_piece(block.text)
            rows = tuple(Fact(_printed(each.title), _printed(each.description)) for each in block.options)
            yield Piece(kind="options", rows=rows)
        case "file" | "place" | "card" | "call" | "form" | "order" | "subject":
            yield Piece(
                kind="card",
                title=_printed(block.title),
                detail=breakable(clean(block.detail)),
                rows=tuple(Fact(_printed(line.name), _printed(line.value)) for line in block.lines),
            )


def text_piece(nodes: Sequence[Node], *, kind: Literal["text", "notice"] = "text") -> Piece:
    """Text with its marks and links, told whether it runs leftwards."""
    return Piece(kind=kind, runs=runs_of(nodes), right_to_left=reads_right_to_left(plain(nodes)))


def _choice(reader: Reader, block: Block) -> Piece:
    return Piece(
        kind="choice",
        title=reader.gettext("Eligió:"),
        runs=runs_of(block.text),
        right_to_left=reads_right_to_left(plain(block.text)),
    )


def _printed(nodes: Sequence[Node]) -> str:
    return breakable(plain(nodes))
