"""Transcripts, read back out of the PDF."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import msgspec
import pypdf
import pytest

from services.export.glyphs import REPLACEMENT, drawable
from services.export.renderers.pdf import typeset
from services.export.transcript import lay_out
from services.readmodel.conversations import find_conversation
from services.readmodel.history import find_history
from tests.integration.export.conftest import Office
from tests.support.told import NOW


def text_of(data: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(data))
    return "\n".join(page.extract_text() for page in reader.pages).replace("\u200b", "")


async def conversation(office: Office, condition: str = "true") -> UUID:
    found: UUID | None = await office.pool.fetchval(
        f"SELECT conversation_id FROM conversation WHERE {condition} ORDER BY interactions DESC, conv_key LIMIT 1"
    )
    assert found is not None
    return found


async def printed(
    office: Office, conversation_id: UUID, language: str = "es"
) -> tuple[dict[str, Any], bytes]:
    export_id = await office.ask(
        "pdf",
        {"conversation_id": str(conversation_id), "timezone": "America/Bogota", "locale": language},
    )
    await office.worker().run_one()
    job = await office.job(export_id)
    assert job["state"] == "succeeded", job["error_code"]
    return job, await office.file(export_id)


async def say(office: Office, conversation_id: UUID, text: str) -> None:
    """Puts a text into the conversation's first message."""
    await office.pool.execute(
        "UPDATE message m SET plain_text = $2, parts = NULL, template = NULL FROM conversation c"
        " WHERE c.conversation_id = $1 AND m.conv_key = c.conv_key AND m.message_key ="
        " (SELECT message_key FROM message WHERE conv_key = c.conv_key ORDER BY sort_at LIMIT 1)",
        conversation_id, text,
    )  # fmt: skip


async def test_every_message_stands_in_the_transcript(office: Office) -> None:
    conversation_id = await conversation(office, "transferred AND channel = 'whatsapp'")
    job, data = await printed(office, conversation_id)
    text = " ".join(text_of(data).split())
    messages = await office.pool.fetch(
        "SELECT m.plain_text FROM message m JOIN conversation c USING (account_id, conv_key)"
        " WHERE c.conversation_id = $1 AND m.deleted_at IS NULL",
        conversation_id,
    )
    assert job["rows"] == len(messages) > 5
    for message in messages:
        for word in message["plain_text"].split():
            if word.isalpha() and word.isascii():
                assert word in text, message["plain_text"]
    assert str(conversation_id) in text
    assert "America/Bogota" in text
    assert "Transferida" in text


async def test_the_same_document_gives_the_same_bytes(office: Office, tmp_path: Path) -> None:
    conversation_id = await conversation(office)
    async with office.pool.acquire() as conn:
        detail = await find_conversation(conn, office.account_id, conversation_id)
        page = await find_history(conn, office.account_id, conversation_id, limit=500)
    assert detail is not None
    assert page is not None
    document = lay_out(detail, page.items, account="Acme", requester="Ada", zone="UTC", as_of=NOW)
    encoded = msgspec.json.encode(document).decode()
    first, second = [
        (await typeset(tmp_path / name, encoded, NOW, len(page.items), office.typesetting)).read_bytes()
        for name in ("first", "second")
    ]
    assert len(first) > 10_000
    assert first == second


async def test_an_open_conversation_says_so_on_its_first_page(office: Office) -> None:
    conversation_id = await conversation(office)
    await office.pool.execute(
        "UPDATE conversation SET status = 1, ended_at = NULL, end_reason = NULL WHERE conversation_id = $1",
        conversation_id,
    )
    job, data = await printed(office, conversation_id)
    assert "sigue abierta" in pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text()
    assert job["manifest"]["open"] is True


async def test_fifteen_thousand_words_in_are_fifteen_thousand_words_out(office: Office) -> None:
    conversation_id = await conversation(office)
    await say(office, conversation_id, " ".join(f"palabra{n}" for n in range(15_000)))
    _, data = await printed(office, conversation_id)
    found = {word for word in text_of(data).split() if word.startswith("palabra")}
    assert len(found) == 15_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 100_000, "x" * 60),
        ('#import "a" $x$ *b* _c_ #panic() <label> @ref ```raw```', "#panic()"),
        ("javascript:alert(1) file:///etc/passwd", "javascript:alert(1)"),
        ("https://example.com/" + "a" * 9_000, "https://example.com/aaaa"),
        ("مرحبا بالعالم", "ا"),
        ("שלום עולם", "ש"),
        ("日本語のテスト 中文", "日本語"),
        ("नमस्ते", "न"),
        ("👩‍👩‍👧‍👦 👍🏽 🇧🇷", ""),
        ("línea\n" * 3_000, "línea"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("\U0001fae9 \U000e0fff \u0378", ""),
    ],
)
async def test_hostile_text_is_printed_and_does_nothing(office: Office, text: str, expected: str) -> None:
    conversation_id = await conversation(office)
    await say(office, conversation_id, text)
    job, data = await printed(office, conversation_id)
    assert expected in text_of(data).replace("\n", "") or expected in text_of(data)
    links = [
        annotation.get_object()["/A"]["/URI"]
        for page in pypdf.PdfReader(io.BytesIO(data)).pages
        for annotation in page.get("/Annots") or ()
        if "/URI" in annotation.get_object().get("/A", {})
    ]
    assert all(link.startswith(("http://", "https://")) and len(link) <= 2_000 for link in links)
    if "\u0378" in text:
        assert job["manifest"]["replaced_characters"] >= 1


async def test_a_transcript_of_no_conversation_fails_for_good(office: Office) -> None:
    export_id = await office.ask("pdf", {"conversation_id": str(UUID(int=7))})
    await office.worker().run_one()
    job = await office.job(export_id)
    assert (job["state"], job["error_code"]) == ("failed", "not_found")


async def test_a_very_long_conversation_comes_in_parts(office: Office) -> None:
    conversation_id = await conversation(office)
    short = office.typesetting
    office.typesetting = type(short)(
        short.fonts, short.known, short.seconds, short.memory_mb, messages_per_part=6
    )
    job, data = await printed(office, conversation_id)
    assert job["media_type"] == "application/zip"
    assert job["manifest"]["parts"] > 1
    assert data.startswith(b"PK")


async def test_every_page_is_numbered_and_the_days_are_bookmarks(office: Office) -> None:
    _, data = await printed(office, await conversation(office))
    document = pypdf.PdfReader(io.BytesIO(data))
    total = len(document.pages)
    for number, page in enumerate(document.pages, start=1):
        assert f"{number} / {total}" in page.extract_text()
    titles = [str(each["/Title"]) for each in flat(document.outline)]
    assert titles[0] == "Transcripción de conversación"
    assert any(" de 2026" in title for title in titles)
    root = cast("dict[str, Any]", document.root_object)
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "es"


@pytest.mark.parametrize(
    ("language", "declared", "name", "said"),
    [
        (
            "es",
            "es",
            "conversacion-",
            ["Transcripción de conversación", "Cliente", "Transferida", "Emitido", "de 2026"],
        ),
        (
            "pt",
            "pt-BR",
            "conversa-",
            ["Transcrição de conversa", "Cliente", "Transferida", "Emitido em", "de 2026"],
        ),
        (
            "en",
            "en",
            "conversation-",
            ["Conversation transcript", "Customer", "Transferred", "Issued", "2026"],
        ),
    ],
)
async def test_a_transcript_is_in_the_language_asked_for(
    office: Office, language: str, declared: str, name: str, said: list[str]
) -> None:
    conversation_id = await conversation(office, "transferred AND channel = 'whatsapp'")
    job, data = await printed(office, conversation_id, language)
    text = " ".join(text_of(data).split())
    assert [words for words in said if words not in text] == []
    root = cast("dict[str, Any]", pypdf.PdfReader(io.BytesIO(data)).root_object)
    assert root["/Lang"] == declared
    assert job["file_name"].startswith(name)
    assert job["manifest"]["locale"] == language


async def test_without_fonts_for_a_script_its_letters_are_replaced_and_counted(office: Office) -> None:
    latin = [font for font in office.typesetting.fonts if font.stem.startswith("NotoSans_")]
    office.typesetting = replace(office.typesetting, fonts=latin, known=drawable(latin))
    conversation_id = await conversation(office)
    await say(office, conversation_id, "Señor 我的订单 مرحبا fin")
    job, data = await printed(office, conversation_id)
    assert f"Señor {REPLACEMENT * 4} {REPLACEMENT * 5} fin" in text_of(data)
    assert job["manifest"]["replaced_characters"] >= 9


def flat(outline: Sequence[object]) -> list[dict[str, object]]:
    """Bookmarks of every level, in order."""
    found: list[dict[str, object]] = []
    for each in outline:
        if isinstance(each, list):
            found.extend(flat(each))
        elif isinstance(each, dict):
            found.append(each)
    return found
