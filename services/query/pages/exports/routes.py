"""The addresses of the exports tray."""

from services.query.auth.policy import Permission
from services.query.pages.exports.handler import do_cancel, do_export, download, show_export, show_exports
from services.query.routing import get, post

ROUTES = (
    get("/exports", show_exports, Permission.EXPORT),
    post("/exports", do_export, Permission.EXPORT),
    get("/exports/{export_id}", show_export, Permission.EXPORT),
    post("/exports/{export_id}/cancel", do_cancel, Permission.EXPORT),
    get("/exports/{export_id}/file", download, Permission.EXPORT),
)
