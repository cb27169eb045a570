"""The entries of a history as lines of a transcript: what presentation says of them, made ready to be drawn. Pure."""

from services.export.document import Line, Piece
from services.export.pieces import piece_of, text_piece
from services.export.printable import breakable, clean, plain
from services.presentation.entries import Entry, Marker, Survey
from services.presentation.marks import plain_nodes
from services.presentation.messages import Message
from services.presentation.reader import Reader


def line_of(reader: Reader, entry: Entry) -> Line:
    """One entry as a line. Day markers are no lines: they part the days."""
    match entry:
        case Message():
            return _bubble(reader, entry)
        case Survey():
            return _mark(
                reader.clock_seconds(entry.at),
                [entry.title, entry.score.title if entry.score else entry.answer],
            )
        case Marker():
            time = "" if entry.at is None else reader.clock_seconds(entry.at)
            return _mark(time, [plain(entry.text), plain(entry.detail)])


def _mark(time: str, said: list[str]) -> Line:
    text = " · ".join(each for each in said if each)
    return Line(kind="mark", time=time, pieces=(text_piece(plain_nodes(text)),))


def _bubble(reader: Reader, message: Message) -> Line:
    hsm = message.hsm
    label = "" if hsm is None else " · ".join(each for each in ("HSM", hsm.name, hsm.language) if each)
    return Line(
        kind=message.side,
        time=reader.clock_seconds(message.at),
        sender=breakable(plain(message.sender)),
        role=message.role,
        label=breakable(clean(label)),
        quote="" if message.quote is None else breakable(_quote(message)),
        footer=breakable(clean(_footer(reader, message))),
        pieces=_pieces(reader, message),
    )


def _pieces(reader: Reader, message: Message) -> tuple[Piece, ...]:
    if message.deleted is not None:
        return (text_piece(plain_nodes(reader.gettext("Mensaje eliminado")), kind="notice"),)
    values = () if message.hsm is None else message.hsm.values
    return (
        *(piece for block in message.blocks for piece in piece_of(reader, block)),
        *(text_piece(value) for value in values),
    )


def _quote(message: Message) -> str:
    if message.quote is None:
        return ""
    said = message.quote.text
    # On another page or in another part: then only that it answers something.
    return clean(said) if said else plain(message.quote.sender)


def _footer(reader: Reader, message: Message) -> str:
    _ = reader.gettext
    said = []
    if message.delivery is not None:
        problem = message.delivery.problem
        said.append(f"{message.delivery.label}: {problem}" if problem else message.delivery.label)
    if message.edited is not None:
        said.append(_("editado"))
    if message.late:
        said.append(_("llegó tarde"))
    reactions = " ".join(emoji for emoji, _who in message.reactions)
    return " · ".join([*said, reactions] if reactions else said)
