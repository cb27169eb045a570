from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from services.export.document import Transcript
from services.export.transcript import duration, lay_out
from services.readmodel.rows import (
    Actor,
    Chatbot,
    ContactDetail,
    ConversationDetail,
    DeliveryStatus,
    EndedEntry,
    EvaluationEntry,
    ExpiredEntry,
    HistoryEntry,
    Interactions,
    MessageEntry,
    ReplyTo,
    Scores,
    StartedEntry,
    StatusChange,
    TransferEntry,
)

AT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
BOT = Actor("bot", "clara", "Clara")
MESSAGE = MessageEntry(
    at=AT, id="m1", direction="in", sender=Actor("customer", None, None), plain_text="Hola", parts=(), reply_to=None,
    status=DeliveryStatus(None, ()), edited=None, deleted=None, reactions=(), late=False, template=None,
)  # fmt: skip
DETAIL = ConversationDetail(
    id=UUID(int=1), url="/conversations/1", thread_key="k", status="open", environment="production", channel="whatsapp",
    channel_address="106", started_at=AT, ended_at=None, last_activity_at=AT, duration_seconds=61,
    interactions=Interactions(2, 1, 1, 0, 0), chatbot=Chatbot("p", "Pedidos"), assistants=(),
    scores=Scores(9, None), transferred=False, started_by_template=False, has_files=False, end=None,
    contact=ContactDetail(id=UUID(int=2), name=None, email=None, phone=None, company_id=None, ids=(), address=None,
                          tax_id=None, locale=None, attributes={}),
    evaluations=(), transfers=(), files=(),
)  # fmt: skip


def laid_out(*entries: HistoryEntry, zone: str = "America/Bogota") -> Transcript:
    return lay_out(DETAIL, entries, account="Acme", requester="Ada", zone=zone, as_of=AT)


def test_days_break_by_the_reader_s_clock() -> None:
    entries = (StartedEntry(at=AT), msgspec.structs.replace(MESSAGE, at=AT + timedelta(hours=3)))
    assert [day.label for day in laid_out(*entries).days] == [
        "Domingo 1 de marzo de 2026",
        "Lunes 2 de marzo de 2026",
    ]
    assert len(laid_out(*entries, zone="UTC").days) == 1


def test_an_open_conversation_says_so_and_a_customer_without_a_phone_is_no_blank() -> None:
    document = laid_out(MESSAGE)
    assert "sigue abierta" in document.notice
    assert [fact.value for fact in document.customer] == ["Sin nombre"]
    assert ("NPS", "9 de 10") in [(fact.label, fact.value) for fact in document.facts]
    assert "por Ada" in document.made


def test_a_deleted_message_shows_nothing_of_what_it_said() -> None:
    document = laid_out(msgspec.structs.replace(MESSAGE, deleted=AT, plain_text="secreto"))
    assert "secreto" not in msgspec.json.encode(document).decode()


def test_a_template_that_nobody_rendered_shows_name_language_and_values() -> None:
    template = {"name": "pago", "language": "es", "variables": [{"position": 1, "value": "Ana"}]}
    line = (
        laid_out(msgspec.structs.replace(MESSAGE, plain_text="", template=template, direction="out"))
        .days[0]
        .lines[0]
    )
    assert line.label == "HSM · pago · es"
    assert "Ana" in line.runs[0].text


def test_an_answer_quotes_what_it_answers() -> None:
    answer = msgspec.structs.replace(
        MESSAGE, id="m2", direction="out", sender=BOT, reply_to=ReplyTo("m1", None)
    )
    assert laid_out(MESSAGE, answer).days[0].lines[1].quote == "Hola"


def test_transfers_and_the_end_stand_in_their_place() -> None:
    moved = TransferEntry(at=AT, from_=BOT, to=Actor("human", "u1", "Lucía"), reason="reclamo")
    ended = EndedEntry(at=AT, reason="operator", by=Actor("human", "u1", "Lucía"))
    texts = [line.runs[0].text for line in laid_out(MESSAGE, moved, ended).days[0].lines]
    assert texts == ["Hola", "Transferida de Clara a Lucía · reclamo", "Fin: la finalizó un operador (Lucía)"]


def test_where_messages_went_by_retention_it_is_said() -> None:
    (line,) = laid_out(ExpiredEntry(at=AT)).days[0].lines
    assert (line.kind, line.time) == ("mark", "")
    assert line.runs[0].text == "Los mensajes se borraron al cumplirse el plazo de conservación"


def test_files_are_named_and_internal_notes_are_marked() -> None:
    part = {"index": 0, "type": "media", "file": {"kind": "document", "name": "factura.pdf"}}
    note = msgspec.structs.replace(MESSAGE, direction="internal", sender=BOT, parts=(part,), plain_text="")
    line = laid_out(note).days[0].lines[0]
    assert (line.kind, line.label) == ("note", "Nota interna")
    assert (line.files, line.runs) == (("Documento: factura.pdf",), ())


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"kind": "image", "size_bytes": 830}, "Imagen · 830 B"),
        ({"kind": "voice", "size_bytes": 12_400}, "Nota de voz · 12 kB"),
        ({"name": "a.zip", "size_bytes": 3_140_000, "state": "unavailable"},
         "Archivo: a.zip · 3,1 MB · no disponible"),
    ],
)  # fmt: skip
def test_a_file_is_told_by_kind_name_size_and_whether_it_is_there(
    file: dict[str, object], words: str
) -> None:
    message = msgspec.structs.replace(MESSAGE, parts=({"index": 0, "type": "media", "file": file},))
    line = laid_out(message).days[0].lines[0]
    assert line.files == (words,)
    assert [run.text for run in line.runs] == ["Hola"]


def test_a_caption_that_only_repeats_the_file_name_is_not_said_twice() -> None:
    part = {"index": 0, "type": "media", "file": {"kind": "document", "name": "f.pdf"}}
    message = msgspec.structs.replace(MESSAGE, parts=(part,), plain_text="f.pdf")
    assert laid_out(message).days[0].lines[0].runs == ()


def test_senders_are_told_apart_by_what_they_are() -> None:
    spoken = [
        msgspec.structs.replace(MESSAGE, sender=Actor(kind, identifier, name))
        for kind, identifier, name in (
            ("customer", None, None), ("bot", "b1", "Clara"), ("human", "u7", None), ("robot", None, None)
        )
    ]  # fmt: skip
    lines = laid_out(*spoken).days[0].lines
    assert [(line.sender, line.role) for line in lines] == [
        ("Cliente", ""), ("Clara", "asistente"), ("u7", "atención humana"), ("robot", "")
    ]  # fmt: skip


def test_a_message_that_did_not_arrive_says_why() -> None:
    history = (StatusChange("failed", AT, [{"code": "131026", "title": "Número sin WhatsApp"}]),)
    message = msgspec.structs.replace(MESSAGE, direction="out", status=DeliveryStatus("failed", history))
    assert laid_out(message).days[0].lines[0].footer == "no entregado: Número sin WhatsApp"


@pytest.mark.parametrize(
    ("text", "leftwards"),
    [("مرحبا 42", True), ("42, שלום", True), ("Hola مرحبا", False), ("123 …", False), ("", False)],
)
def test_a_message_runs_in_the_direction_of_its_first_letter(text: str, leftwards: bool) -> None:  # noqa: FBT001
    line = laid_out(msgspec.structs.replace(MESSAGE, plain_text=text)).days[0].lines[0]
    assert line.right_to_left is leftwards


@pytest.mark.parametrize(
    ("score", "raw", "answered", "words"),
    [
        (9, "nueve", AT, "Encuesta NPS · respuesta: 9"),
        (None, None, None, "Encuesta NPS · sin respuesta"),
        (None, "mucho", AT, "Encuesta NPS · respuesta no válida: «mucho»"),
    ],
)
def test_a_survey_says_what_was_answered(
    score: int | None, raw: str | None, answered: datetime | None, words: str
) -> None:
    survey = EvaluationEntry(
        at=AT, evaluation_id="e1", metric="nps", question="¿?", scale=None, score=score, valid=None,
        raw_answer=raw, comment=None, asked_at=AT, answered_at=answered,
    )  # fmt: skip
    assert laid_out(survey).days[0].lines[0].runs[0].text == words


def test_the_first_page_says_who_asked_when_and_by_which_clock() -> None:
    document = laid_out(MESSAGE, zone="Asia/Kathmandu")
    told = {fact.label: fact.value for fact in document.origin}
    assert told["Solicitado por"] == "Ada"
    assert told["Horas de"] == "Asia/Kathmandu (UTC+5:45)"
    assert told["Mensajes"] == "1"
    assert document.state == "Abierta"


def test_durations_read_as_people_say_them() -> None:
    assert [duration(seconds) for seconds in (0, 59, 61, 3661)] == ["0 s", "59 s", "1 min 1 s", "1 h 1 min"]
