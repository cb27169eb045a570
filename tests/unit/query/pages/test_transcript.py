"""A history becomes days, silences, bubbles and markers."""

from datetime import date, timedelta

from services.query.pages.conversation.bubbles import Bubble
from services.query.pages.conversation.transcript import Entry, Marker, Survey, transcript
from services.readmodel.rows import (
    Actor,
    EndedEntry,
    EvaluationEntry,
    ExpiredEntry,
    HistoryEntry,
    Reaction,
    ReplyTo,
    StartedEntry,
    TransferEntry,
)
from tests.support.view_rows import BOT, CUSTOMER, READER, START, after, delivered, message

TODAY = date(2026, 3, 2)


def read(*items: HistoryEntry) -> tuple[Entry, ...]:
    return transcript(READER, items, today=TODAY, customer="Ana", states={}, urls={})


def words(entry: Entry) -> str:
    assert isinstance(entry, Marker)
    return "".join(node.text for node in entry.text)


def bubbles(entries: tuple[Entry, ...]) -> list[Bubble]:
    return [entry for entry in entries if isinstance(entry, Bubble)]


def test_a_day_is_named_once_and_again_when_it_changes() -> None:
    entries = read(message("a", 0), message("b", 1), message("c", 60 * 24))
    days = [words(entry) for entry in entries if isinstance(entry, Marker) and entry.kind == "day"]
    assert days == ["Hoy", "Martes 3 de marzo de 2026"]


def test_a_long_silence_is_said_and_a_short_one_is_not() -> None:
    entries = read(message("a", 0), message("b", 59), message("c", 59 + 185))
    assert [words(each) for each in entries if isinstance(each, Marker) and each.kind == "silence"] == [
        "3 h 5 min sin mensajes"
    ]


def test_an_hsm_sent_before_stands_before_the_start() -> None:
    campaign = Actor("campaign", "c", "Cobranza")
    hsm = message(
        "h", -30, campaign, "Hola", template={"name": "aviso", "language": "es", "rendering": "provided"}
    )
    kinds = [entry.kind for entry in read(StartedEntry(at=START), hsm, message("a", 0))]
    assert kinds == ["day", "message", "started", "message"]


def test_every_message_names_its_sender_and_a_run_of_one_sender_is_marked() -> None:
    first, second, third = bubbles(read(message("a", 0, BOT), message("b", 1, BOT), message("c", 2)))
    assert "".join(node.text for node in first.sender) == "Asistente de pedidos"
    assert (first.follows, second.follows, third.follows) == (False, True, False)
    assert "".join(node.text for node in third.sender) == "Ana"


def test_a_transfer_names_both_sides_and_its_reason() -> None:
    person = Actor("human", "h", "Marta")
    marker = read(TransferEntry(at=START, from_=BOT, to=person, reason="Lo pidió"))[-1]
    assert words(marker) == "Transferida de Asistente de pedidos a Marta"
    assert isinstance(marker, Marker)
    assert marker.clock == "11:00"


def test_where_messages_went_by_retention_it_is_said_and_no_time_is_pretended() -> None:
    start, gone = read(StartedEntry(at=START), ExpiredEntry(at=START))[1:]
    assert (start.kind, gone.kind) == ("started", "expired")
    assert words(gone) == "Los mensajes se borraron al cumplirse el plazo de conservación"
    assert isinstance(gone, Marker)
    assert gone.clock == ""


def test_a_deleted_message_leaves_a_tombstone_without_text() -> None:
    (bubble,) = bubbles(read(message("a", 0, text="", deleted=after(1))))
    assert bubble.deleted
    assert bubble.blocks == ()


def test_ticks_say_in_words_how_far_a_message_got() -> None:
    (bubble,) = bubbles(read(message("a", 0, BOT, status=delivered("sent", "delivered", "read"))))
    assert bubble.delivery is not None
    assert bubble.delivery.label == "Leído"
    assert bubble.delivery.steps[0] == "Enviado 11:00:00"


def test_a_failure_shows_its_reason() -> None:
    errors = [{"code": "131026", "title": "No entregable", "detail": "sin WhatsApp"}]
    (bubble,) = bubbles(read(message("a", 0, BOT, status=delivered("failed", errors=errors))))
    assert bubble.delivery is not None
    assert bubble.delivery.problem == "No entregable: sin WhatsApp"


def test_a_reply_quotes_its_target_and_links_to_it() -> None:
    _, answer = bubbles(
        read(message("wamid.A=", 0, BOT, "¿Sí?"), message("b", 1, reply_to=ReplyTo("wamid.A=", None)))
    )
    assert answer.quote is not None
    assert (answer.quote.anchor, answer.quote.text) == ("m-wamid-A-", "¿Sí?")


def test_a_reply_to_a_message_of_another_page_says_so() -> None:
    (answer,) = bubbles(read(message("b", 1, reply_to=ReplyTo("gone", None))))
    assert answer.quote is not None
    assert answer.quote.anchor == ""


def test_an_hsm_without_text_shows_its_values() -> None:
    template = {
        "name": "aviso",
        "language": "es",
        "rendering": "none",
        "variables": [{"position": 1, "value": "Ana"}],
    }
    (bubble,) = bubbles(read(message("h", 0, BOT, "", template=template)))
    assert bubble.hsm is not None
    assert "".join(node.text for node in bubble.hsm.values[0]) == "1: Ana"


def test_a_reaction_keeps_who_gave_it() -> None:
    (bubble,) = bubbles(read(message("a", 0, BOT, reactions=(Reaction(CUSTOMER, "👍"),))))
    assert bubble.reactions == (("👍", "Cliente"),)


def survey(**fields: object) -> Survey:
    base = {
        "at": START, "evaluation_id": "e", "metric": "nps", "question": "¿Nos recomendarías?", "scale": None,
        "score": 9, "valid": True, "raw_answer": "9", "comment": None, "asked_at": START, "answered_at": START,
    }  # fmt: skip
    entry = read(EvaluationEntry(**(base | fields)))[-1]  # type: ignore[arg-type]  # fields of the test
    assert isinstance(entry, Survey)
    return entry


def test_a_valid_answer_shows_as_a_score() -> None:
    shown = survey()
    assert shown.score is not None
    assert shown.score.title == "NPS 9 de 10: promotor"


def test_an_answer_outside_the_scale_is_never_a_score() -> None:
    shown = survey(score=None, valid=False, raw_answer="once")
    assert shown.score is None
    assert shown.answer == "Respuesta fuera de la escala: «once»"


def test_the_end_says_why() -> None:
    marker = read(
        EndedEntry(at=START + timedelta(hours=1), reason="timeout", by=Actor("system", None, None))
    )[-1]
    assert words(marker) == "Terminó la conversación: sin actividad"
