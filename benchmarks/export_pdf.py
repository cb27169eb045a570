"""`python -m benchmarks.export_pdf [PYTHON_WITH_WEASYPRINT]`: a transcript of 1,000 messages, beside WeasyPrint.

CPU and wall seconds of the child process from its start, best of several rounds in turn; same texts, same fonts, new texts
each round so that no cache helps. WeasyPrint is a peer where the interpreter of an environment that has it is given
(`python -m venv X && X/bin/pip install weasyprint`, then `X/bin/python`).
"""

import asyncio
import html
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import msgspec

from services.export.document import Day, Fact, Headings, Line, Transcript
from services.export.glyphs import drawable, find_fonts
from services.export.pieces import text_piece
from services.export.renderers.pdf import typeset
from services.export.tools import Typesetting
from services.presentation.marks import message_nodes

MESSAGES = 1_000
ROUNDS = 3
AS_OF = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
VOCABULARY = (
    "pedido factura gracias entrega mañana producto caja ayuda número código tienda pago reclamo cambio dirección hola "
    "buenas obrigado amanhã não você entrega 42 https://example.com/pedidos/123 😀 👍🏽 ❤️"
)
PRINT_HTML = "import sys, weasyprint; weasyprint.HTML(sys.argv[1]).write_pdf(sys.argv[2], pdf_tags=True)"
STYLE = """@page {{ size: A4; margin: 23mm 19mm; @bottom-right {{ content: counter(page) ' / ' counter(pages) }} }}
@font-face {{ font-family: Noto; src: url({regular}) }} @font-face {{ font-family: Noto; font-weight: bold; src: url({bold}) }}
body {{ font: 9.5pt Noto }} .line {{ max-width: 80%; width: fit-content; padding: 2.4mm 3.2mm; margin: 1.5mm 0;
border-radius: 2mm; background: #f1f3f7 }} .out {{ margin-left: auto; background: #e2f1f1 }} .head {{ font-size: 8pt }}"""


def document(seed: int) -> Transcript:
    """A transcript of made-up messages over ten days."""
    chance, words = random.Random(seed), VOCABULARY.split()
    lines = [
        Line(
            kind="in" if number % 2 else "out",
            time=f"{(AS_OF + timedelta(seconds=40 * number)):%H:%M:%S}",
            sender="Ana" if number % 2 else "Clara",
            role="cliente" if number % 2 else "asistente",
            pieces=(text_piece(message_nodes(" ".join(chance.choices(words, k=chance.randint(3, 40))))),),
            footer="leído",
        )
        for number in range(MESSAGES)
    ]
    size = MESSAGES // 10
    days = tuple(
        Day(f"Día {at // size + 1}", tuple(lines[at : at + size])) for at in range(0, MESSAGES, size)
    )
    facts = (Fact("Canal", "WhatsApp"), Fact("Mensajes", str(MESSAGES)))
    return Transcript(
        language="es", region=None, headings=Headings(conversation="Conversación", customer="Cliente", evaluation="Evaluación", files="Archivos"),
        title="Transcripción de conversación", account="Acme", conversation_id=str(seed), zone="UTC", state="Finalizada",
        is_open=False, made="hoy", notice="", origin=facts, facts=facts, customer=facts, surveys=(), files=(), days=days,
    )  # fmt: skip


def as_html(transcript: Transcript, fonts: list[Path]) -> str:
    """The same texts for an HTML engine."""
    faces = {
        kind: next(font for font in fonts if font.stem == f"NotoSans_{kind}").as_uri()
        for kind in ("400Regular", "700Bold")
    }
    rows = [
        f"<div class='line {line.kind}'><div class=head><b>{line.sender}</b> · {line.role} {line.time}</div>"
        + "".join(
            f"<a href='{html.escape(run.href)}'>{html.escape(run.text)}</a>"
            if run.href
            else html.escape(run.text)
            for piece in line.pieces
            for run in piece.runs
        )
        + f"<div class=head>{line.footer}</div></div>"
        for day in transcript.days
        for line in (Line(kind="day", time="", sender=day.label), *day.lines)
    ]
    style = STYLE.format(regular=faces["400Regular"], bold=faces["700Bold"])
    return f"<html lang=es><meta charset=utf-8><style>{style}</style><body>{''.join(rows)}</body></html>"


async def main(weasyprint: str | None) -> None:
    """Prints a Markdown table."""
    fonts = find_fonts(())
    limits = Typesetting(fonts, drawable(fonts), seconds=120, memory_mb=4096, messages_per_part=MESSAGES * 10)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)

        async def ours(transcript: Transcript, name: str) -> None:
            text = msgspec.json.encode(transcript).decode()
            await typeset(out / name, text, AS_OF, MESSAGES, limits)

        async def theirs(transcript: Transcript, name: str) -> None:
            page = out / f"{name}.html"
            await asyncio.to_thread(page.write_text, as_html(transcript, fonts))
            process = await asyncio.create_subprocess_exec(
                str(weasyprint), "-c", PRINT_HTML, str(page), str(out / "theirs.pdf")
            )
            assert await process.wait() == 0

        peers: dict[str, Callable[[Transcript, str], Awaitable[None]]] = {"ours (Typst)": ours}
        if weasyprint:
            peers["WeasyPrint"] = theirs
        best = dict.fromkeys(peers, (float("inf"), float("inf")))
        for seed in range(ROUNDS):
            for number, (name, write) in enumerate(peers.items()):
                before, began = cpu(), time.perf_counter()
                await write(document(seed), f"{seed}-{number}")
                spent = (cpu() - before, time.perf_counter() - began)
                best[name] = min(best[name], spent)
    bound = best["ours (Typst)"][0]
    print(f"{MESSAGES:,} messages\n\n| engine | CPU s | x of ours | wall s |\n|---|---|---|---|")
    for name, (used, wall) in best.items():
        print(f"| {name} | {used:.2f} | {used / bound:.1f} | {wall:.2f} |")


def cpu() -> float:
    """User and system seconds of finished child processes."""
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) == 2 else None))
