"""The files customers sent."""

from aiohttp import web
from msgspec import Struct

from services.query.api.requests import Parameters, answer
from services.query.auth.principal import REQUEST_ID, principal_of
from services.query.dependencies import dependencies_of
from services.query.downloads import send_blob
from services.query.ids import id_of
from services.query.problems import ApiProblem
from services.query.reading import open_file, view_files
from services.readmodel.rows import FileRow


class FileList(Struct, frozen=True):
    """The customer's files, oldest first."""

    items: tuple[FileRow, ...]


async def list_files(request: web.Request) -> web.Response:
    """GET /conversations/{conversation_id}/files."""
    Parameters(request).nothing_else()
    files = await view_files(
        dependencies_of(request),
        principal_of(request),
        id_of(request, "conversation_id"),
        request_id=request[REQUEST_ID],
    )
    if files is None:
        raise ApiProblem("not_found")
    return answer(FileList(files))


async def get_content(request: web.Request) -> web.StreamResponse:
    """GET /conversations/{conversation_id}/files/{file_id}/content."""
    Parameters(request).nothing_else()
    return await send_file(request)


async def send_file(request: web.Request) -> web.StreamResponse:
    """Streams the file that the path names; for pages too."""
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
    return await send_blob(
        request,
        dependencies.files,
        stored.blob_key,
        name=stored.name or stored.file_id,
        media_type=stored.mime_type or "application/octet-stream",
        sha256=stored.sha256,
        inline=True,
    )
