"""The content of a customer's file: shown where that is safe, handed over as a download otherwise."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from aiohttp import web

from services.chassis.blobs import BlobError
from services.query.auth.principal import REQUEST_ID, principal_of
from services.query.dependencies import dependencies_of
from services.query.ids import id_of
from services.query.pages.files.sniffing import how_to_show
from services.query.problems import ApiProblem
from services.query.reading import open_file
from services.readmodel.files import StoredFile


async def show_file(request: web.Request) -> web.StreamResponse:
    """GET /conversations/{conversation_id}/files/{file_id}"""
    dependencies = dependencies_of(request)
    stored = await open_file(
        dependencies,
        principal_of(request),
        id_of(request, "conversation_id"),
        request.match_info["file_id"],
        request_id=request[REQUEST_ID],
    )
    if stored is None:
        raise ApiProblem("not_stored")
    chunks = dependencies.files.open(stored.blob_key)
    try:
        first = await anext(chunks, b"")
    except BlobError:
        raise ApiProblem("not_stored") from None
    return await _send(request, stored, first, chunks)


async def _send(
    request: web.Request, stored: StoredFile, first: bytes, chunks: AsyncIterator[bytes]
) -> web.StreamResponse:
    shown = how_to_show(first)
    response = web.StreamResponse(
        headers={
            "Content-Type": shown.content_type,
            "Content-Disposition": disposition(stored.name or stored.file_id, inline=shown.inline),
            "Content-Security-Policy": shown.content_policy,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private, no-store",
        }
    )
    await response.prepare(request)
    await response.write(first)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


def disposition(name: str, *, inline: bool) -> str:
    """The header of RFC 6266; the customer's name only in its encoded form, without paths or controls."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(sign for sign in bare if sign.isprintable())[:150] or "archivo"
    return f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(clean, safe='')}"
