"""The address of a customer's file."""

from services.query.auth.policy import Permission
from services.query.pages.files.handler import show_file
from services.query.routing import get

ROUTES = (get("/conversations/{conversation_id}/files/{file_id}", show_file, Permission.READ_CONVERSATIONS),)
