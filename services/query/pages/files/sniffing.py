"""What a customer's file really is, by its first bytes; only what a browser shows safely is shown."""

from dataclasses import dataclass

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (8, b"WAVE", "audio/wav"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", "application/pdf"),
)
_SEALED = "default-src 'none'; sandbox; frame-ancestors 'none'"
# A sandbox would keep the browser's own PDF viewer from starting; a PDF cannot run scripts of our origin.
_POLICIES = {"application/pdf": "frame-ancestors 'none'"}


@dataclass(frozen=True, slots=True)
class Shown:
    """How a file is sent: its true type, whether inside the browser, and under which content policy."""

    content_type: str
    inline: bool
    content_policy: str


def how_to_show(head: bytes) -> Shown:
    """Pictures, sound, film and PDF inside the browser; anything else, SVG and HTML too, as a download."""
    for offset, signature, content_type in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return Shown(content_type, inline=True, content_policy=_POLICIES.get(content_type, _SEALED))
    return Shown("application/octet-stream", inline=False, content_policy=_SEALED)
