"""One conversation laid out for people, as a value that no layout engine has touched yet. Pure.

What it says comes from `services/presentation/`; here it is put in the order of a paper and made ready to be drawn: nothing
unprintable in it, long words breakable, links taken apart and allow-listed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from services.export.document import Day, Fact, Headings, Survey, Transcript
from services.export.lines import line_of
from services.export.printable import breakable, clean, plain
from services.presentation import facts, scores, words
from services.presentation.contacts import contact_name
from services.presentation.entries import Entry, Marker, read_history
from services.presentation.languages import SOURCE_LANGUAGE, tag_of
from services.presentation.reader import Reader, make_reader
from services.readmodel.rows import ConversationDetail, Evaluation, FileRow, HistoryEntry, MessageEntry


def lay_out(
    detail: ConversationDetail,
    entries: Sequence[HistoryEntry],
    *,
    account: str,
    requester: str,
    zone: str,
    as_of: datetime,
    language: str = SOURCE_LANGUAGE,
    part: tuple[int, int] = (1, 1),
) -> Transcript:
    """The transcript of `entries` (in order) of a conversation, with the times of `zone`, as `requester` asked.

    `part` is which of how many documents this is.
    """
    reader = make_reader(language, zone)
    _ = reader.gettext
    number, parts = part
    is_open = detail.status == "open"
    read = read_history(
        reader,
        entries,
        customer=contact_name(reader, detail.contact),
        states={file.file_id: file.state for file in detail.files},
        today=None,
    )
    return Transcript(
        language=reader.locale.language,
        region=tag_of(language).partition("-")[2] or None,
        title=_("Transcripción de conversación"),
        headings=Headings(
            conversation=_("Conversación"),
            customer=_("Cliente"),
            evaluation=_("Evaluación"),
            files=_("Archivos del cliente"),
        ),
        account=clean(account),
        conversation_id=str(detail.id),
        zone=zone,
        state=words.status(reader, detail.status),
        is_open=is_open,
        made=_("emitido el {moment} ({zone}) por {name}").format(
            moment=reader.exact(as_of), zone=zone, name=clean(requester)
        ),
        origin=_origin(reader, detail, entries, requester=requester, as_of=as_of),
        notice=_("Esta conversación sigue abierta: puede haber mensajes posteriores a este documento.")
        if is_open
        else "",
        facts=_facts(reader, detail),
        customer=_drawn(facts.contact_facts(reader, detail.contact)),
        surveys=tuple(_survey(reader, each) for each in detail.evaluations),
        files=tuple(_file(reader, each) for each in detail.files),
        days=tuple(_days(reader, read)),
        part=_(" · parte {number} de {parts}").format(number=number, parts=parts) if parts > 1 else "",
    )


def _origin(
    reader: Reader,
    detail: ConversationDetail,
    entries: Sequence[HistoryEntry],
    *,
    requester: str,
    as_of: datetime,
) -> tuple[Fact, ...]:
    _ = reader.gettext
    clock = f"{reader.zone.key} ({reader.offset(detail.started_at)})"
    messages = sum(isinstance(entry, MessageEntry) for entry in entries)
    return _drawn(
        (
            facts.Fact(_("Emitido"), reader.exact(as_of)),
            facts.Fact(_("Solicitado por"), requester),
            facts.Fact(_("Horas de"), clock),
            facts.Fact(_("Mensajes"), reader.number(messages)),
        )
    )


def _facts(reader: Reader, detail: ConversationDetail) -> tuple[Fact, ...]:
    _ = reader.gettext
    channel = " · ".join(filter(None, (words.channel(reader, detail.channel), detail.channel_address)))
    nps, csat = scores.nps(reader, detail.scores.nps), scores.csat(reader, detail.scores.csat)
    rated = (("NPS", nps), ("CSAT", csat))
    return _drawn(
        (
            facts.Fact(_("Canal"), channel),
            facts.Fact(_("Chatbot"), facts.chatbot_name(reader, detail)),
            *facts.conversation_facts(reader, detail, reader.exact),
            *(facts.Fact(name, score.of_scale) for name, score in rated if score is not None),
        )
    )


def _drawn(said: Iterable[facts.Fact]) -> tuple[Fact, ...]:
    """Facts with what they say more in brackets: paper has no second look."""
    return tuple(
        Fact(breakable(clean(each.name)), breakable(clean(_with_more(each)))) for each in said if each.value
    )


def _with_more(fact: facts.Fact) -> str:
    return f"{fact.value} ({fact.more})" if fact.more else fact.value


def _survey(reader: Reader, row: Evaluation) -> Survey:
    score = scores.score_of(reader, row)
    return Survey(
        words.metric(reader, row.metric),
        breakable(clean(row.question or reader.gettext("Pregunta no registrada"))),
        breakable(clean(score.of_scale if score else scores.answer_text(reader, row))),
        breakable(clean(row.comment or "")),
    )


def _file(reader: Reader, row: FileRow) -> Fact:
    said = " · ".join(filter(None, (facts.file_title(reader, row), facts.file_facts(reader, row))))
    return Fact(reader.exact(row.at), breakable(clean(said)))


def _days(reader: Reader, read: Sequence[Entry]) -> Iterable[Day]:
    """The lines of each local day, under its name."""
    starts = [place for place, entry in enumerate(read) if isinstance(entry, Marker) and entry.kind == "day"]
    for start, end in pairwise([*starts, len(read)]):
        # A silence that ends on another day is said before that day begins.
        day = read[start]
        assert isinstance(day, Marker)
        yield Day(plain(day.text), tuple(line_of(reader, entry) for entry in read[start + 1 : end]))
