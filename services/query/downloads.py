"""Sends stored bytes to a browser so that they are saved, never run."""

from urllib.parse import quote

from aiohttp import web

from services.chassis.blobs import BlobError, BlobStore
from services.query.problems import ApiProblem

INLINE_TYPES = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/webp",
        "image/gif",
        "audio/mpeg",
        "audio/ogg",
        "audio/mp4",
        "video/mp4",
    }
)
"""Raster images, sound and video may be shown; all else is saved (SVG and HTML can hold scripts)."""


async def send_blob(
    request: web.Request,
    store: BlobStore,
    key: str,
    *,
    name: str,
    media_type: str,
    sha256: str | None,
    inline: bool = False,
) -> web.StreamResponse:
    """Streams a blob with its hash as ETag; 304 when the browser has it. Raises ApiProblem(gone)."""
    shown = inline and media_type in INLINE_TYPES
    headers = {
        "Content-Disposition": disposition(name, inline=shown),
        "Content-Type": media_type if shown or not inline else "application/octet-stream",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    if sha256 is not None:
        headers["ETag"] = f'"{sha256}"'
        if any(tag.value in (sha256, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers={"ETag": headers["ETag"]})
    info = await store.info(key)
    if info is None:
        raise ApiProblem("gone")
    response = web.StreamResponse(headers=headers)
    response.content_length = info.size_bytes
    await response.prepare(request)
    if request.method != "HEAD":
        try:
            async for chunk in store.open(key):
                await response.write(chunk)
        except BlobError:
            # Removed while it was sent: the length promised no longer fits, so the connection must break.
            response.force_close()
            raise
    await response.write_eof()
    return response


def disposition(name: str, *, inline: bool = False) -> str:
    """The header by RFC 6266: an ASCII name for old readers, the real one in UTF-8."""
    plain = "".join(
        character if character.isascii() and (character.isalnum() or character in "._- ") else "_"
        for character in name
    )
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
