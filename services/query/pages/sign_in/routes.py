"""The addresses by which one gets in and out."""

from services.query.auth.policy import Permission
from services.query.pages.sign_in.handler import (
    do_link,
    do_setup,
    do_sign_in,
    do_sign_out,
    show_link,
    show_setup,
    show_sign_in,
)
from services.query.routing import get, post

ROUTES = (
    get("/sign-in", show_sign_in, Permission.PUBLIC, name="sign_in"),
    post("/sign-in", do_sign_in, Permission.PUBLIC),
    get("/sign-in/link", show_link, Permission.PUBLIC),
    post("/sign-in/link", do_link, Permission.PUBLIC),
    get("/setup", show_setup, Permission.PUBLIC),
    post("/setup", do_setup, Permission.PUBLIC),
    post("/sign-out", do_sign_out, Permission.SIGNED_IN),
)
