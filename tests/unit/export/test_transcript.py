from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from services.export.transcript import Transcript, duration, lay_out
from services.readmodel.rows import (
    Actor,
    Chatbot,
    ContactDetail,
    ConversationDetail,
    DeliveryStatus,
    EndedEntry,
    HistoryEntry,
    Interactions,
    MessageEntry,
    ReplyTo,
    Scores,
    StartedEntry,
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
    scores=Scores(9, None), transferred=False, started_by_template=False, has_files=False, end=None, hits=None,
    contact=ContactDetail(id=UUID(int=2), name=None, email=None, phone=None, company_id=None, ids=(), address=None,
                          tax_id=None, locale=None, attributes={}),
    evaluations=(), transfers=(), files=(),
)  # fmt: skip


def laid_out(*entries: HistoryEntry, zone: str = "America/Bogota") -> Transcript:
    return lay_out(DETAIL, entries, account="Acme", requester="Ada", zone=zone, as_of=AT)


def test_days_break_by_the_reader_s_clock() -> None:
    entries = (StartedEntry(at=AT), msgspec.structs.replace(MESSAGE, at=AT + timedelta(hours=3)))
    assert [day.label for day in laid_out(*entries).days] == [
        "domingo 1 de marzo de 2026",
        "lunes 2 de marzo de 2026",
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


def test_files_are_named_and_internal_notes_are_marked() -> None:
    part = {"index": 0, "type": "media", "file": {"kind": "document", "name": "factura.pdf"}}
    note = msgspec.structs.replace(MESSAGE, direction="internal", sender=BOT, parts=(part,), plain_text="")
    line = laid_out(note).days[0].lines[0]
    assert (line.kind, line.label, line.runs[0].text) == ("note", "Nota interna", "[Documento: factura.pdf]")


def test_durations_read_as_people_say_them() -> None:
    assert [duration(seconds) for seconds in (0, 59, 61, 3661)] == ["0 s", "59 s", "1 min 1 s", "1 h 1 min"]
