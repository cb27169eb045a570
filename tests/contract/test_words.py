"""Every channel, status, reason, part and entry of the contract is said in words, on the page and on paper, and alike."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from bitacora_schemas.codes import Environment, Status
from bitacora_schemas.events.file import FileState
from bitacora_schemas.events.parts import KNOWN_PART_TYPES

from services.export.document import Line, Transcript
from services.export.renderers.cells import cells
from services.export.transcript import lay_out
from services.presentation import words
from services.presentation.languages import LANGUAGES
from services.presentation.reader import Reader, make_reader
from services.query.pages import icons
from services.query.pages.assets import _ICONS
from services.query.pages.conversation.bubbles import Bubble
from services.query.pages.conversation.detail import detail as page_of
from services.query.pages.conversation.transcript import Entry, Survey, transcript
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.field import Closed, Named, Text
from services.readmodel.rows import (
    Actor,
    Annotation,
    AnnotationEntry,
    Chatbot,
    ContactDetail,
    ConversationDetail,
    DeliveryStatus,
    End,
    EndedEntry,
    EvaluationEntry,
    ExpiredEntry,
    HistoryEntry,
    Interactions,
    MessageEntry,
    Scores,
    StartedEntry,
    StatusChange,
    TransferEntry,
)

# What the descriptions of the events name: open lists, so that no type holds them.
CHANNELS = (
    "whatsapp",
    "webchat",
    "telegram",
    "instagram",
    "messenger",
    "facebook",
    "sms",
    "rcs",
    "email",
    "voice",
    "teams",
)
END_REASONS = ("customer", "assistant", "operator", "timeout", "system", "replaced", "imported")
DELIVERY = ("queued", "accepted", "sent", "delivered", "read", "played", "rejected", "failed", "clicked", "verified", "warning")  # fmt: skip
ACTORS = ("customer", "bot", "human", "campaign", "system")
FILES = ("image", "video", "audio", "voice", "document", "sticker")
REASONS = ("expired", "rejected", "too_large", "malware", "error")
METRICS = ("nps", "csat", "ces", "custom")
ANNOTATIONS = ("label", "note", "topic", "score")
IDENTIFIERS = ("phone", "wa_id", "bsuid", "parent_bsuid", "username", "email", "external", "source")

AT = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
TODAY = date(2026, 4, 1)
READER = make_reader("es", "UTC")
BOT = Actor("bot", "b", "Clara")
NOTE = Annotation(
    annotation_id="a", kind="note", key="sigue", value="Llamar el viernes", by=Actor("human", "u", "Lucía"), at=AT,
    message_id=None,
)  # fmt: skip
MESSAGE = MessageEntry(
    at=AT, id="m", direction="out", sender=BOT, plain_text="hola", parts=(), reply_to=None,
    status=DeliveryStatus(None, ()), edited=None, deleted=None, reactions=(), late=False, template=None,
)  # fmt: skip
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"

Say = Callable[[Reader, str], str]
LISTS: tuple[tuple[Mapping[str, str], tuple[str, ...], Say], ...] = (
    (words.CHANNELS, CHANNELS, words.channel),
    (words.STATUSES, Status.words(), words.status),
    (words.ENVIRONMENTS, Environment.words(), words.environment),
    (words.END_REASONS, END_REASONS, words.end_reason),
    (words.ACTOR_KINDS, ACTORS, words.actor_kind),
    (words.DELIVERY, DELIVERY, words.delivery),
    (words.FILE_KINDS, FILES, words.file_kind),
    (words.METRICS, METRICS, words.metric),
    (words.ANNOTATION_KINDS, ANNOTATIONS, words.annotation_kind),
    (words.IDENTIFIER_KINDS, IDENTIFIERS, words.identifier_kind),
)


def conversation(**values: Any) -> ConversationDetail:
    given: dict[str, Any] = dict.fromkeys(ConversationDetail.__struct_fields__)
    contact = ContactDetail(
        id=UUID(int=2), name="Ana", email=None, phone=None, company_id=None, ids=(), address=None, tax_id=None,
        locale=None, attributes={},
    )  # fmt: skip
    given |= {
        "id": UUID(int=1), "url": "/", "status": "open", "environment": "production", "channel": "sms",
        "channel_address": "1", "started_at": AT, "duration_seconds": 90_060, "interactions": Interactions(1, 1, 0, 0, 0),
        "chatbot": Chatbot("p", "Pedidos", "12"), "assistants": (), "contact": contact, "scores": Scores(None, None),
        "transferred": False, "started_by_template": False, "has_files": False, "evaluations": (), "transfers": (),
        "annotations": (),
        "files": (),
    }  # fmt: skip
    return ConversationDetail(**(given | values))


def on_page(*items: HistoryEntry) -> tuple[Entry, ...]:
    """The entries of the page, without the day that stands first."""
    return transcript(READER, items, today=TODAY, customer="Ana", states={}, urls={})[1:]


def on_paper(*items: HistoryEntry, row: ConversationDetail | None = None, language: str = "es") -> Transcript:
    return lay_out(
        row or conversation(), items, account="Acme", requester="Ada", zone="UTC", as_of=AT, language=language
    )


def line(*items: HistoryEntry) -> Line:
    (found,) = on_paper(*items).days[0].lines
    return found


def printed(item: Line) -> str:
    told = [item.footer]
    for piece in item.pieces:
        told += ["".join(run.text for run in piece.runs), piece.title, piece.detail]
        told += [text for row in piece.rows for text in (row.label, row.value)]
    return " ".join(told).replace("\u200b", "")


def shown(bubble: Bubble) -> list[str]:
    """Every text of a bubble's blocks."""
    told = []
    for block in bubble.blocks:
        told += [_text(block.text), _text(block.title), block.detail]
        told += [_text(each) for option in block.options for each in (option.title, option.description)]
        told += [_text(each) for row in block.lines for each in (row.name, row.value)]
    return [each for each in told if each]


def _text(nodes: Any) -> str:
    return "".join("\n" if node.kind == "break" else node.text for node in nodes)


@pytest.mark.parametrize(("known", "listed", "say"), LISTS, ids=lambda each: getattr(each, "__name__", ""))
def test_every_value_of_a_list_has_a_word(
    known: Mapping[str, str], listed: tuple[str, ...], say: Say
) -> None:
    assert set(known) >= set(listed)
    assert all(say(READER, value) for value in listed)
    assert say(READER, "of_tomorrow").lower() == "of_tomorrow"


@pytest.mark.parametrize("channel", CHANNELS)
def test_page_and_paper_name_a_channel_alike(channel: str) -> None:
    row = conversation(channel=channel)
    page = page_of(READER, row, TODAY)
    paper = {fact.label: fact.value for fact in on_paper(row=row).facts}
    assert paper["Canal"] == f"{page.channel} · 1"
    assert page.channel != channel
    assert icons.CHANNEL_ICONS[channel] in _ICONS


@pytest.mark.parametrize("status", Status.words())
def test_page_and_paper_name_a_status_alike(status: str) -> None:
    row = conversation(status=status)
    assert on_paper(row=row).state == page_of(READER, row, TODAY).status.label != status


@pytest.mark.parametrize("reason", END_REASONS)
def test_page_and_paper_say_an_end_alike(reason: str) -> None:
    ended = EndedEntry(at=AT, reason=reason, by=Actor("human", "u", "Lucía"))
    row = conversation(status="ended", ended_at=AT, end=End(reason, ended.by))
    page = {fact.name: _text(fact.value) for fact in page_of(READER, row, TODAY).facts}
    paper = {fact.label: fact.value for fact in on_paper(row=row).facts}
    said = words.end_reason(READER, reason)
    assert said != reason
    assert said in page["Final"]
    assert said in paper["Final"]
    (marker,) = on_page(ended)
    assert not isinstance(marker, Bubble | Survey)
    assert printed(line(ended)).strip() == f"{_text(marker.text)} · {_text(marker.detail)}"


@pytest.mark.parametrize("status", DELIVERY)
def test_page_and_paper_say_alike_how_far_a_message_got(status: str) -> None:
    message = msgspec.structs.replace(
        MESSAGE, status=DeliveryStatus(status, (StatusChange(status, AT, None),))
    )
    (bubble,) = on_page(message)
    assert isinstance(bubble, Bubble)
    assert bubble.delivery is not None
    assert bubble.delivery.label == line(message).footer != status
    assert bubble.delivery.icon in _ICONS
    assert icons.DELIVERY_LOOKS[status]


def parts() -> list[dict[str, Any]]:
    """Every part of the examples of the contract."""
    found = []
    for path in sorted(EXAMPLES.glob("bitacora.message.*/*.json")):
        message = json.loads(path.read_text("utf-8"))["data"].get("message", {})
        found += message.get("parts", [])
    return found


def test_the_examples_have_every_type_of_part() -> None:
    assert {part["type"] for part in parts()} == KNOWN_PART_TYPES


@pytest.mark.parametrize("part", parts(), ids=lambda part: part["type"])
def test_page_and_paper_show_the_same_of_every_part(part: dict[str, Any]) -> None:
    message = msgspec.structs.replace(
        MESSAGE, plain_text=part.get("plain_text", ""), parts=(part,), template=part.get("template")
    )
    (bubble,) = on_page(message)
    assert isinstance(bubble, Bubble)
    paper = printed(line(message))
    texts = shown(bubble) + [_text(value) for value in (bubble.hsm.values if bubble.hsm else ())]
    assert texts
    assert [text for text in texts if text not in paper] == []


ENTRIES: tuple[HistoryEntry, ...] = (
    StartedEntry(at=AT),
    ExpiredEntry(at=AT),
    EndedEntry(at=AT, reason="timeout", by=Actor("system", None, None)),
    TransferEntry(at=AT, from_=BOT, to=Actor("human", "u", "Lucía"), reason="Lo pidió"),
    TransferEntry(at=AT, from_=None, to=BOT, reason=None),
    EvaluationEntry(
        at=AT, evaluation_id="e", metric="ces", question="¿?", scale={"max": 7}, score=6, valid=True, raw_answer="6",
        comment=None, asked_at=AT, answered_at=AT,
    ),
    AnnotationEntry(at=AT, annotation=NOTE),
    MESSAGE,
)  # fmt: skip


def test_no_kind_of_entry_is_left_out() -> None:
    assert {type(entry) for entry in ENTRIES} == set(get_args(HistoryEntry))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_page_and_paper_say_every_entry_alike(entry: HistoryEntry) -> None:
    (drawn,) = on_page(entry)
    paper = printed(line(entry))
    match drawn:
        case Bubble():
            texts = shown(drawn)
        case Survey():
            texts = [drawn.title, drawn.score.title if drawn.score else drawn.answer]
        case _:
            texts = [_text(drawn.text), _text(drawn.detail)]
            assert not drawn.icon or drawn.icon in _ICONS
    assert any(texts)
    assert [text for text in texts if text not in paper] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_spreadsheet_says_known_values_in_the_same_words(language: str) -> None:
    kinds = [field.kind for field, _ in FIELDS.columns]
    named = {kind.words for kind in kinds if isinstance(kind, Text | Closed | Named) and kind.words}
    assert named == set(words.TABLES)
    say = make_reader(language, "UTC").gettext
    written = cells("spreadsheet", say)
    said = [say(word) for table in words.TABLES.values() for word in table.values()]
    assert [word for word in said if f"'{word}'" not in written] == []


def test_a_file_that_cannot_be_had_says_why_in_every_case() -> None:
    assert all(
        words.file_state(READER, "unavailable", reason) != words.file_state(READER, "unavailable")
        for reason in REASONS
    )
    assert [bool(words.file_state(READER, state)) for state in get_args(FileState)] == [True, False, True]


@pytest.mark.parametrize(
    ("kind", "value", "name", "said"),
    [
        ("label", True, "Etiqueta", "sigue"),
        ("label", "true", "Etiqueta", "sigue"),
        ("label", "alta", "Etiqueta", "sigue: alta"),
        ("note", "Llamar", "Apunte", "sigue: Llamar"),
        ("score", 0.8, "Puntuación", "sigue: 0.8"),
        ("of_tomorrow", False, "of_tomorrow", "sigue: no"),
    ],
)
def test_page_and_paper_say_an_annotation_alike(kind: str, value: Any, name: str, said: str) -> None:
    made = msgspec.structs.replace(NOTE, kind=kind, value=value)
    row = conversation(annotations=(made,))
    page = {fact.name: _text(fact.value) for fact in page_of(READER, row, TODAY).facts}
    paper = {fact.label: fact.value.replace("\u200b", "") for fact in on_paper(row=row).facts}
    assert page[name].startswith(f"{said} (Lucía, 2 mar")
    assert paper[name].startswith(f"{said} (Lucía, 2 mar")
    (marker,) = on_page(AnnotationEntry(at=AT, annotation=made))
    assert not isinstance(marker, Bubble | Survey)
    assert (_text(marker.text), _text(marker.detail)) == (f"{name}: {said}", "por Lucía")


def test_page_and_paper_give_the_same_facts() -> None:
    row = conversation(duration_seconds=90_060)
    page = {fact.name: _text(fact.value) for fact in page_of(READER, row, TODAY).facts}
    paper = {fact.label: fact.value for fact in on_paper(row=row).facts}
    assert page["Duración"] == paper["Duración"] == "1 d 1 h"
    assert set(page) <= set(paper)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "es"])
def test_nothing_of_a_transcript_stays_spanish(language: str) -> None:
    entries = [entry for entry in ENTRIES if not isinstance(entry, MessageEntry)]
    spanish = msgspec.to_builtins(on_paper(*entries))
    other = msgspec.to_builtins(on_paper(*entries, language=language))
    assert other["title"] != spanish["title"]
    assert [
        name for name, text in other["headings"].items() if text == spanish["headings"][name] != "Cliente"
    ] == []
    for ours, theirs in zip(spanish["days"][0]["lines"], other["days"][0]["lines"], strict=True):
        assert ours != theirs
