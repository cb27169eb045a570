"""Writes a transcript as PDF: read in one snapshot, laid out as a value, set by a child process with limits."""

import asyncio
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from bitacora_schemas.exports.formats import FORMATS, PdfSpec

from services.chassis.blobs import CHUNK_BYTES
from services.export import metrics
from services.export.file_names import file_stem
from services.export.glyphs import replace_undrawable
from services.export.job import Job
from services.export.manifest import manifest_of
from services.export.outcome import PermanentFailure, Rendered, TransientFailure
from services.export.snapshot import Snapshot, reading
from services.export.stored_files import object_key
from services.export.tools import OnProgress, Tools, Typesetting
from services.export.transcript import lay_out
from services.export.typesetting import EXIT_REFUSED
from services.presentation.languages import mark
from services.readmodel.conversations import find_conversation
from services.readmodel.history import find_history
from services.readmodel.rows import ConversationDetail, HistoryEntry, MessageEntry

LAYOUT_VERSION = 2
TEMPLATE = Path(__file__).parents[1] / "templates" / "transcript.typ"
_PAGE = 500
_SECONDS_PER_THOUSAND = 5.0


@dataclass(frozen=True, slots=True)
class _Source:
    detail: ConversationDetail
    entries: Sequence[HistoryEntry]
    snapshot: Snapshot
    requester: str


async def render_pdf(tools: Tools, job: Job, spec: PdfSpec, on_progress: OnProgress) -> Rendered:
    """See Renderer: one PDF, or a zip of several when it is very long.

    Raises PermanentFailure(not_permitted, bad_spec, not_found, unprintable) and TransientFailure(typesetting_killed,
    timeout).
    """
    typesetting = tools.typesetting
    source = await _read(tools, job, spec)
    messages = sum(isinstance(entry, MessageEntry) for entry in source.entries)
    parts = cut(source.entries, typesetting.messages_per_part)
    name = file_stem(spec.locale, mark("Conversación"), str(spec.conversation_id)[:8])
    with tempfile.TemporaryDirectory(prefix="bitacora-pdf-") as folder:
        result, replaced = await _print_parts(
            Path(folder) / name,
            source,
            parts,
            job,
            spec,
            typesetting,
            lambda done: on_progress(int(messages * done)),
        )
        kind = FORMATS["pdf"].kind(packed=len(parts) > 1)
        key = object_key(job, kind.ending)
        blob = await tools.store.put(key, _chunks(result))
    metrics.REPLACED_GLYPHS.inc(replaced)
    facts = {
        "layout_version": LAYOUT_VERSION,
        "open": source.detail.status == "open",
        "messages": messages,
        "rows": messages,
        "parts": len(parts),
        "replaced_characters": replaced,
        "bytes": blob.size_bytes,
        "sha256": blob.sha256,
    }
    return Rendered(
        object_key=key,
        file_name=f"{name}.{kind.ending}",
        media_type=kind.media_type,
        bytes=blob.size_bytes,
        rows=messages,
        sha256=blob.sha256 or "",
        manifest=manifest_of(job, spec, source.snapshot, facts=facts),
    )


async def _print_parts(
    place: Path,
    source: _Source,
    parts: Sequence[Sequence[HistoryEntry]],
    job: Job,
    spec: PdfSpec,
    typesetting: Typesetting,
    on_share: Callable[[float], None],
) -> tuple[Path, int]:
    """The file to store, and how many characters no font could draw."""
    replaced = 0
    files: list[Path] = []
    for number, entries in enumerate(parts, start=1):
        several = len(parts) > 1
        document = lay_out(
            source.detail,
            entries,
            account=job.account_name,
            requester=source.requester,
            zone=spec.timezone,
            as_of=source.snapshot.as_of,
            language=spec.locale,
            part=(number, len(parts)),
        )
        encoded, missing = replace_undrawable(msgspec.json.encode(document).decode(), typesetting.known)
        replaced += missing
        target = place.with_name(f"{place.name}-{number}-of-{len(parts)}") if several else place
        files.append(await typeset(target, encoded, source.snapshot.as_of, len(entries), typesetting))
        on_share(number / len(parts))
    if len(files) == 1:
        return files[0], replaced
    return await asyncio.to_thread(_zip, files, place.with_suffix(".zip")), replaced


def cut(entries: Sequence[HistoryEntry], size: int) -> list[Sequence[HistoryEntry]]:
    """Entries in parts of about equal length, none above `size`; an empty transcript is one empty part."""
    count = max(1, -(-len(entries) // size))
    length = -(-len(entries) // count)
    return [entries[at : at + length] for at in range(0, len(entries), length)] or [entries]


async def _read(tools: Tools, job: Job, spec: PdfSpec) -> _Source:
    async with reading(tools.pool, job) as at:
        detail = await find_conversation(at.conn, job.account_id, spec.conversation_id)
        if detail is None:
            raise PermanentFailure("not_found", "the conversation is not there any more")
        entries: list[HistoryEntry] = []
        cursor: str | None = None
        while True:
            page = await find_history(
                at.conn, job.account_id, spec.conversation_id, cursor=cursor, limit=_PAGE
            )
            if page is None:
                raise PermanentFailure("not_found", "the conversation is not there any more")
            entries.extend(page.items)
            cursor = page.next_cursor
            if cursor is None:
                break
    return _Source(detail, entries, at.snapshot, at.requester)


async def typeset(place: Path, document: str, as_of: datetime, entries: int, limits: Typesetting) -> Path:
    """Sets one document (JSON of a Transcript) in a child process; the same document gives the same bytes.

    Works in the new folder `place` and answers the PDF beside it. Raises as `render_pdf` does.
    """
    await asyncio.to_thread(_prepare, place, document, limits.fonts)
    seconds = limits.seconds + _SECONDS_PER_THOUSAND * entries / 1000
    async with _child(
        sys.executable,
        "-m",
        "services.export.typesetting",
        str(place),
        str(int(as_of.timestamp())),
        str(limits.memory_mb),
    ) as process:
        try:
            async with asyncio.timeout(seconds):
                complaint = b"" if process.stderr is None else await process.stderr.read()
                await process.wait()
        except TimeoutError:
            raise TransientFailure("timeout", f"typesetting took over {seconds:.0f} s") from None
    if process.returncode == EXIT_REFUSED:
        # The compiler may quote the document: its words stay out of logs.
        raise PermanentFailure(
            "unprintable", f"the typesetter refused the document ({len(complaint)} bytes of reasons)"
        )
    if process.returncode != 0:
        raise TransientFailure("typesetting_killed", f"typesetting ended with {process.returncode}")
    made = place / "transcript.pdf"
    final = place.with_suffix(".pdf")
    await asyncio.to_thread(made.rename, final)
    return final


@asynccontextmanager
async def _child(*command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A child process that does not outlive the block, however it is left."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,  # held open: the child ends when it closes, so also when we are killed
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _prepare(place: Path, document: str, fonts: Sequence[Path]) -> None:
    (place / "fonts").mkdir(parents=True)
    for number, font in enumerate(fonts):
        (place / "fonts" / f"{number}{font.suffix}").symlink_to(font.resolve())
    shutil.copy(TEMPLATE, place / "transcript.typ")
    (place / "transcript.json").write_text(document, encoding="utf-8")


def _zip(files: Sequence[Path], target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            # A fixed date: the same conversation gives the same bytes.
            archive.writestr(zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0)), file.read_bytes())
    return target


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
