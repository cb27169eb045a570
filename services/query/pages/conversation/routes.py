"""The addresses of one conversation."""

from services.query.auth.policy import Permission
from services.query.pages.conversation.handler import ask_end, do_end, show_conversation
from services.query.routing import get, post

ROUTES = (
    get("/conversations/{conversation_id}", show_conversation, Permission.READ_CONVERSATIONS),
    get("/conversations/{conversation_id}/end", ask_end, Permission.END_CONVERSATIONS),
    post("/conversations/{conversation_id}/end", do_end, Permission.END_CONVERSATIONS),
)
