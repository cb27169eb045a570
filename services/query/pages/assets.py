"""Static files: an allow-list read once, served under names that hold their hash, cached for ever."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

OWN = Path(__file__).parent
PREFIX = "/static"

# Public name -> file inside node_modules. Nothing else there can be reached.
_PACKAGES = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
}
# Ours, each in the folder of the page it belongs to; its public name is its own, without the folder.
_OURS = (
    "frame/frame.css", "frame/keys.js", "frame/favicon.svg", "list/list.css", "conversation/conversation.css",
    "exports/exports.css", "live/live.js",
)  # fmt: skip
_ICONS = (
    "address-book", "alert-triangle", "arrow-back-up", "arrow-down", "arrow-left", "arrow-right",
    "arrow-up", "arrows-exchange", "ban", "bell", "book", "brand-facebook", "brand-instagram",
    "brand-messenger", "brand-telegram", "brand-whatsapp", "building", "calendar", "check", "checks",
    "chevron-down", "chevron-left", "chevron-right", "circle-check", "clock", "clock-pause",
    "device-mobile-message", "dots-vertical", "download", "edit", "eye", "file", "file-type-pdf",
    "filter", "flag", "flask", "headset", "id", "info-circle", "keyboard", "link", "list-check",
    "loader-2", "lock", "logout", "mail", "map-pin", "message", "message-2", "message-chatbot",
    "message-circle", "messages", "microphone", "mood-empty", "moon", "music", "note", "paperclip",
    "phone", "photo", "player-stop", "robot", "search", "search-off", "settings", "speakerphone", "star",
    "sticker", "sun", "sun-moon", "table-export", "template", "trash", "user", "user-question", "users",
    "video", "world", "x",
)  # fmt: skip

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_ONE_YEAR = 31_536_000
_SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_SOURCE_MAP = re.compile(rb"(?m)^/[/*]# sourceMappingURL=.*$")


class AssetsMissing(RuntimeError):  # noqa: N818  a named refusal, as everywhere here
    """The front-end packages are not installed, or lack a file we serve."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file ready to send."""

    body: bytes
    packed: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """What is served below /static, by hashed name, and the address of each by its plain name."""

    files: Mapping[str, Asset]
    addresses: Mapping[str, str]

    def url(self, name: str) -> str:
        """The address of a file by its plain name (`frame.css`). KeyError for a name not on the list."""
        return self.addresses[name]

    async def serve(self, request: web.Request) -> web.Response:
        """GET /static/{name}: the file, or 404. The name holds the hash, so it never changes."""
        asset = self.files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        headers = {
            hdrs.CACHE_CONTROL: f"public, max-age={_ONE_YEAR}, immutable",
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
            "X-Content-Type-Options": "nosniff",
        }
        body = asset.body
        if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            headers[hdrs.CONTENT_ENCODING] = "gzip"
            body = asset.packed
        return web.Response(body=body, content_type=asset.content_type, charset="utf-8", headers=headers)


def load_assets(node_modules: Path) -> Assets:
    """Read every listed file. Raises AssetsMissing with what to run when a package is not there."""
    bodies = {name: _read(node_modules / path) for name, path in _PACKAGES.items()}
    bodies |= {path.rpartition("/")[2]: _read(OWN / path) for path in _OURS}
    bodies["icons.svg"] = _sprite(node_modules / "@tabler/icons/icons/outline")
    files: dict[str, Asset] = {}
    addresses: dict[str, str] = {}
    for name, body in bodies.items():
        stem, _, ending = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{ending}"
        files[hashed] = Asset(body, gzip.compress(body, 6, mtime=0), _TYPES[ending])
        addresses[name] = f"{PREFIX}/{hashed}"
    return Assets(files, addresses)


def _read(path: Path) -> bytes:
    try:
        return _SOURCE_MAP.sub(b"", path.read_bytes())
    except FileNotFoundError as missing:
        raise AssetsMissing(
            f"{path} is not there: run `make setup` to install the front-end packages"
        ) from missing


def _sprite(folder: Path) -> bytes:
    """Every icon as a symbol of one file, drawn by `<use href="…#name">`."""
    symbols = []
    for name in _ICONS:
        found = _SVG_BODY.search(_read(folder / f"{name}.svg").decode())
        if found is None:
            raise AssetsMissing(f"icon {name} is not an SVG of the expected form")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{found[1].strip()}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()
