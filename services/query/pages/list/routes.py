"""The addresses of the list."""

from services.query.auth.policy import Permission
from services.query.pages.list.handler import ask, show_list
from services.query.routing import get, post

ROUTES = (
    get("/", show_list, Permission.READ_CONVERSATIONS),
    post("/search", ask, Permission.READ_CONVERSATIONS),
)
