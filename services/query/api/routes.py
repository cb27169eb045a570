"""Every route of the API, in one table that the OpenAPI document is made from."""

from typing import Any

import msgspec
from aiohttp import web
from bitacora_schemas.exports.formats import ExportRequest

from services.query.api import conversations, exports, files, summaries
from services.query.api.described_fields import TEXT, facets_type, filter_parameters, words
from services.query.api.operations import Operation, Parameter
from services.query.auth.policy import Permission
from services.query.ending import EndAccepted
from services.query.exports import ExportJob
from services.query.routing import Route, add_routes
from services.readmodel.rows import ConversationDetail, Histogram, HistoryPage

PREFIX = "/api/v1"
OPENAPI_PATH = f"{PREFIX}/openapi.json"


def _whole(most: int, default: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


FILTER = filter_parameters()
CURSOR = Parameter(
    "cursor", "Where the page before ended: `next_cursor` (or `previous_cursor`) of its answer.", TEXT
)
CONVERSATION = Parameter("conversation_id", "The conversation.", {"type": "string", "format": "uuid"}, "path")
EXPORT = Parameter("export_id", "The export.", {"type": "string", "format": "uuid"}, "path")
IDEMPOTENCY = Parameter(
    "Idempotency-Key", "Makes it safe to ask again.", {"type": "string", "maxLength": 200}, "header"
)
_SEARCH_CODES = ("bad_parameter", "too_many_searches", "search_timeout")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET", path=f"{PREFIX}/conversations", handler=conversations.list_conversations,
        permission=Permission.READ_CONVERSATIONS,
        summary="Find conversations, newest first", answers=conversations.ConversationList, codes=_SEARCH_CODES,
        parameters=(
            *FILTER, Parameter("limit", "Rows of a page.", _whole(200, 50)), CURSOR,
            Parameter("count", "Whether to count the matches.", {"type": "boolean", "default": True}),
        ),
    ),
    Operation(
        method="GET", path=f"{PREFIX}/conversations/facets", handler=summaries.get_facets,
        permission=Permission.READ_CONVERSATIONS,
        summary="Which values occur in what a filter finds", answers=facets_type(), codes=_SEARCH_CODES,
        parameters=FILTER,
    ),
    Operation(
        method="GET", path=f"{PREFIX}/conversations/histogram", handler=summaries.get_histogram,
        permission=Permission.READ_CONVERSATIONS,
        summary="How many conversations started when", answers=Histogram, codes=_SEARCH_CODES,
        parameters=(*FILTER, Parameter("unit", "Length of a bucket.", words(*summaries.UNITS))),
    ),
    Operation(
        method="GET", path=f"{PREFIX}/conversations/{{conversation_id}}", handler=conversations.get_conversation,
        permission=Permission.READ_CONVERSATIONS,
        summary="One conversation in detail; the view is audited", answers=ConversationDetail,
        parameters=(CONVERSATION,), codes=("not_found",),
    ),
    Operation(
        method="GET", path=f"{PREFIX}/conversations/{{conversation_id}}/history", handler=conversations.get_history,
        permission=Permission.READ_CONVERSATIONS,
        summary="Its transcript, oldest first within a page; the view is audited", answers=HistoryPage,
        parameters=(
            CONVERSATION, CURSOR, Parameter("limit", "Entries of a page.", _whole(200, 100)),
            Parameter("direction", "From the start, or from the end back.", words("forward", "backward")),
        ),
        codes=("bad_parameter", "not_found"),
    ),
    Operation(
        method="GET", path=f"{PREFIX}/conversations/{{conversation_id}}/files", handler=files.list_files,
        permission=Permission.READ_CONVERSATIONS,
        summary="The files the customer sent", answers=files.FileList, parameters=(CONVERSATION,),
        codes=("not_found",),
    ),
    Operation(
        method="GET", path=f"{PREFIX}/conversations/{{conversation_id}}/files/{{file_id}}/content",
        handler=files.get_content,
        permission=Permission.READ_CONVERSATIONS,
        summary="A file's content, if we hold it",
        parameters=(CONVERSATION, Parameter("file_id", "The file.", TEXT, "path")),
        codes=("not_stored", "gone"),
    ),
    Operation(
        method="POST", path=f"{PREFIX}/conversations/{{conversation_id}}/end", handler=conversations.post_end,
        permission=Permission.END_CONVERSATIONS,
        summary="End it; the customer's next message opens a new one", status=202, answers=EndAccepted,
        parameters=(CONVERSATION, IDEMPOTENCY),
        codes=("not_found", "already_ended", "idempotency_key_reused"),
    ),
    Operation(
        method="POST", path=f"{PREFIX}/exports", handler=exports.post_export,
        permission=Permission.EXPORT,
        summary="Ask for an export",
        status=202, answers=ExportJob, body=ExportRequest, parameters=(IDEMPOTENCY,),
        codes=("bad_parameter", "bad_body", "not_found", "unsupported_media_type", "idempotency_key_reused"),
    ),
    Operation(
        method="GET", path=f"{PREFIX}/exports", handler=exports.get_exports,
        permission=Permission.EXPORT,
        summary="Exports, newest first",
        answers=exports.ExportList, parameters=(Parameter("limit", "At most so many.", _whole(100, 50)),),
        codes=("bad_parameter",),
    ),
    Operation(
        method="GET", path=f"{PREFIX}/exports/{{export_id}}", handler=exports.get_export,
        permission=Permission.EXPORT,
        summary="One export",
        answers=ExportJob, parameters=(EXPORT,), codes=("not_found",),
    ),
    Operation(
        method="POST", path=f"{PREFIX}/exports/{{export_id}}/cancel", handler=exports.post_cancel,
        permission=Permission.EXPORT,
        summary="Cancel an export that is not finished", status=202, answers=ExportJob, parameters=(EXPORT,),
        codes=("not_found", "not_cancellable"),
    ),
    Operation(
        method="GET", path=f"{PREFIX}/exports/{{export_id}}/file", handler=exports.get_file,
        permission=Permission.EXPORT,
        summary="The finished file; the download is audited", parameters=(EXPORT,),
        codes=("not_found", "not_ready", "gone"),
    ),
)  # fmt: skip


def add_api_routes(app: web.Application, document: dict[str, Any]) -> None:
    """Adds every operation, and the document that describes them."""
    add_routes(app, [Route(each.method, each.path, each.handler, each.permission) for each in OPERATIONS])
    encoded = msgspec.json.encode(document)

    async def openapi(_request: web.Request) -> web.Response:
        return web.Response(body=encoded, headers={"Content-Type": "application/json; charset=utf-8"})

    add_routes(app, [Route("GET", OPENAPI_PATH, openapi, Permission.PUBLIC)])
