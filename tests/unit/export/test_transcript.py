from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from services.export.document import Line, Transcript
from services.export.transcript import lay_out
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
    interactions=Interactions(2, 1, 1, 0, 0), chatbot=Chatbot("p", "Pedidos", "12"), assistants=(),
    scores=Scores(9, None), transferred=False, started_by_template=False, has_files=False, end=None,
    contact=ContactDetail(id=UUID(int=2), name=None, email=None, phone=None, company_id=None, ids=(), address=None,
                          tax_id=None, locale=None, attributes={}),
    evaluations=(), transfers=(), annotations=(), files=(),
)  # fmt: skip


def laid_out(*entries: HistoryEntry, zone: str = "America/Bogota") -> Transcript:
    return lay_out(DETAIL, entries, account="Acme", requester="Ada", zone=zone, as_of=AT)


def words(line: Line) -> str:
    """What a line says, piece by piece."""
    return "\n".join(
        "".join(run.text for run in piece.runs) or " · ".join(filter(None, (piece.title, piece.detail)))
        for piece in line.pieces
    )


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
    assert document.customer[0].label == "Id. de cliente"
    assert ("NPS", "9 de 10") in [(fact.label, fact.value) for fact in document.facts]
    assert document.made.endswith("por Ada")


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
    assert "1: Ana" in words(line)


def test_an_answer_quotes_what_it_answers() -> None:
    answer = msgspec.structs.replace(
        MESSAGE, id="m2", direction="out", sender=BOT, reply_to=ReplyTo("m1", None)
    )
    assert laid_out(MESSAGE, answer).days[0].lines[1].quote == "Hola"


def test_transfers_and_the_end_stand_in_their_place() -> None:
    moved = TransferEntry(at=AT, from_=BOT, to=Actor("human", "u1", "Lucía"), reason="reclamo")
    ended = EndedEntry(at=AT, reason="operator", by=Actor("human", "u1", "Lucía"))
    texts = [words(line) for line in laid_out(MESSAGE, moved, ended).days[0].lines]
    assert texts == [
        "Hola",
        "Transferida de Clara a Lucía · reclamo",
        "Terminó la conversación: la finalizó una persona del equipo · por Lucía",
    ]


def test_where_messages_went_by_retention_it_is_said() -> None:
    (line,) = laid_out(ExpiredEntry(at=AT)).days[0].lines
    assert (line.kind, line.time) == ("mark", "")
    assert words(line) == "Los mensajes se borraron al cumplirse el plazo de conservación"


def test_files_are_named_and_internal_notes_are_marked() -> None:
    part = {"index": 0, "type": "media", "file": {"kind": "document", "name": "factura.pdf"}}
    note = msgspec.structs.replace(MESSAGE, direction="internal", sender=BOT, parts=(part,), plain_text="")
    line = laid_out(note).days[0].lines[0]
    assert (line.kind, line.role) == ("note", "Nota interna")
    assert words(line) == "factura.pdf · Documento"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({"kind": "image", "size_bytes": 830}, "Imagen · 830 B"),
        ({"kind": "voice", "size_bytes": 12_400}, "Nota de voz · 12,4 kB"),
        ({"name": "a.zip", "size_bytes": 3_140_000, "state": "unavailable"},
         "a.zip · Archivo · 3,1 MB · no disponible"),
    ],
)  # fmt: skip
def test_a_file_is_told_by_kind_name_size_and_whether_it_is_there(file: dict[str, object], said: str) -> None:
    part = {"index": 0, "type": "media", "plain_text": "Hola", "file": file}
    message = msgspec.structs.replace(MESSAGE, parts=(part,))
    assert words(laid_out(message).days[0].lines[0]) == f"{said}\nHola"


def test_a_caption_that_only_repeats_the_file_name_is_not_said_twice() -> None:
    part = {
        "index": 0,
        "type": "media",
        "plain_text": "f.pdf",
        "file": {"kind": "document", "name": "f.pdf"},
    }
    message = msgspec.structs.replace(MESSAGE, parts=(part,), plain_text="f.pdf")
    assert words(laid_out(message).days[0].lines[0]) == "f.pdf · Documento"


def test_senders_are_told_apart_by_what_they_are() -> None:
    spoken = [
        msgspec.structs.replace(MESSAGE, sender=Actor(kind, identifier, name))
        for kind, identifier, name in (
            ("customer", None, None), ("bot", "b1", "Clara"), ("human", "u7", None), ("robot", None, None)
        )
    ]  # fmt: skip
    lines = laid_out(*spoken).days[0].lines
    assert [(line.sender, line.role) for line in lines] == [
        ("Sin nombre", ""), ("Clara", "Asistente"), ("u7", "Atención humana"), ("robot", "")
    ]  # fmt: skip


def test_a_message_that_did_not_arrive_says_why() -> None:
    history = (StatusChange("failed", AT, [{"code": "131026", "title": "Número sin WhatsApp"}]),)
    message = msgspec.structs.replace(MESSAGE, direction="out", status=DeliveryStatus("failed", history))
    assert laid_out(message).days[0].lines[0].footer == "No entregado: Número sin WhatsApp"


@pytest.mark.parametrize(
    ("text", "leftwards"),
    [("مرحبا 42", True), ("42, שלום", True), ("Hola مرحبا", False), ("123 …", False), ("", False)],
)
def test_a_message_runs_in_the_direction_of_its_first_letter(text: str, leftwards: bool) -> None:  # noqa: FBT001
    line = laid_out(msgspec.structs.replace(MESSAGE, plain_text=text)).days[0].lines[0]
    assert [piece.right_to_left for piece in line.pieces] == ([leftwards] if text else [])


@pytest.mark.parametrize(
    ("score", "raw", "answered", "said"),
    [
        (9, "nueve", AT, "Encuesta NPS · NPS 9 de 10: promotor"),
        (None, None, None, "Encuesta NPS · Sin respuesta"),
        (None, "mucho", AT, "Encuesta NPS · Respuesta fuera de la escala: «mucho»"),
    ],
)
def test_a_survey_says_what_was_answered(
    score: int | None, raw: str | None, answered: datetime | None, said: str
) -> None:
    survey = EvaluationEntry(
        at=AT, evaluation_id="e1", metric="nps", question="¿?", scale=None, score=score, valid=None,
        raw_answer=raw, comment=None, asked_at=AT, answered_at=answered,
    )  # fmt: skip
    assert words(laid_out(survey).days[0].lines[0]) == said


def test_the_first_page_says_who_asked_when_and_by_which_clock() -> None:
    document = laid_out(MESSAGE, zone="Asia/Kathmandu")
    told = {fact.label: fact.value for fact in document.origin}
    assert told["Solicitado por"] == "Ada"
    assert told["Horas de"] == "Asia/Kathmandu (UTC+5:45)"
    assert told["Mensajes"] == "1"
    assert document.state == "Abierta"


def test_pages_and_paper_say_the_same_span() -> None:
    day_and_hour = msgspec.structs.replace(DETAIL, duration_seconds=90_060)
    document = lay_out(day_and_hour, (MESSAGE,), account="Acme", requester="Ada", zone="UTC", as_of=AT)
    assert [fact.value for fact in document.facts if fact.label == "Duración"] == ["1 d 1 h"]


def test_a_form_an_order_buttons_and_a_card_are_there_to_read() -> None:
    parts = (
        {"type": "form", "name": "Alta", "fields": {"Ciudad": "Quito"}},
        {"type": "order", "items": [{"sku": "7", "name": "Café", "quantity": 2, "unit_price_minor": 1250, "currency": "BRL"}]},
        {"type": "choices", "prompt": "¿Qué quieres?", "options": [{"id": "1", "title": "Pagar", "kind": "reply"}]},
        {"type": "choice", "id": "1", "title": "Pagar"},
        {"type": "contacts", "contacts": [{"name": {"formatted_name": "Bruno"}, "phones": [{"phone": "+55 11"}]}]},
    )  # fmt: skip
    (line,) = laid_out(msgspec.structs.replace(MESSAGE, plain_text="", parts=parts)).days[0].lines
    form, order, prompt, options, choice, card = line.pieces
    assert (form.title, form.rows[0].label, form.rows[0].value) == ("Alta", "Ciudad", "Quito")
    assert (order.title, order.rows[0].label) == ("Pedido", "2 × Café")
    assert "12,50" in order.rows[0].value
    assert [run.text for run in prompt.runs] == ["¿Qué quieres?"]
    assert [row.label for row in options.rows] == ["Pagar"]
    assert (choice.title, choice.runs[0].text) == ("Eligió:", "Pagar")
    assert (card.title, card.detail) == ("Bruno", "+55 11")


def test_marks_of_a_chat_text_are_kept_and_its_signs_go() -> None:
    (line,) = laid_out(msgspec.structs.replace(MESSAGE, plain_text="Ya *pagué* ayer\n~no~")).days[0].lines
    assert [(run.text, run.style) for run in line.pieces[0].runs] == [
        ("Ya ", ""),
        ("pagué", "bold"),
        (" ayer\n", ""),
        ("no", "strike"),
    ]


def test_a_transcript_is_written_in_the_language_that_was_asked_for() -> None:
    document = lay_out(
        DETAIL, (MESSAGE,), account="Acme", requester="Ada", zone="UTC", as_of=AT, language="en"
    )
    assert (document.language, document.state, document.days[0].label) == (
        "en",
        "Open",
        "Monday, March 2, 2026",
    )
