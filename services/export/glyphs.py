"""Which characters the transcript's fonts can draw; what they cannot is replaced and counted, never left to chance."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from fontTools.ttLib import TTFont

REPLACEMENT = "\ufffd"
_INVISIBLE = frozenset(
    map(chr, (0x09, 0x0A, 0x20, 0xA0, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10)))
) | frozenset(map(chr, range(0xE0020, 0xE0080)))
"""Spaces, joiners, variation selectors and flag tags: they need no glyph of their own."""

FONT_FILES = (
    "noto-sans/400Regular/NotoSans_400Regular.ttf",
    "noto-sans/700Bold/NotoSans_700Bold.ttf",
    "noto-sans/400Regular_Italic/NotoSans_400Regular_Italic.ttf",
    "noto-sans-arabic/400Regular/NotoSansArabic_400Regular.ttf",
    "noto-sans-hebrew/400Regular/NotoSansHebrew_400Regular.ttf",
    "noto-sans-devanagari/400Regular/NotoSansDevanagari_400Regular.ttf",
    "noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf",
    "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "noto-color-emoji/400Regular/NotoColorEmoji_400Regular.ttf",
)
INSTALLED = Path(__file__).parents[2] / "node_modules" / "@expo-google-fonts"


class FontsMissingError(Exception):
    """There is no font to write a transcript with."""


def find_fonts(folders: Sequence[str]) -> list[Path]:
    """The font files to use: all in `folders`, or those that npm installed. Raises FontsMissingError."""
    if folders:
        found = sorted(path for folder in folders for path in Path(folder).rglob("*.[ot]tf"))
    else:
        found = [path for name in FONT_FILES if (path := INSTALLED / name).is_file()]
    if not found:
        raise FontsMissingError("no font files; set BITACORA_EXPORT_FONT_DIRS or run npm ci")
    return found


def drawable(fonts: Iterable[Path]) -> frozenset[str]:
    """Every character that one of the fonts has a glyph for. Reads the files: call it once, off the event loop."""
    points: set[int] = set()
    for path in fonts:
        with TTFont(path, lazy=True) as font:
            points.update(font.getBestCmap() or ())
    return frozenset(map(chr, points)) | _INVISIBLE


def replace_undrawable(text: str, known: frozenset[str]) -> tuple[str, int]:
    """The text with U+FFFD for what cannot be drawn, and how many characters that were."""
    unknown = set(text) - known
    if not unknown:
        return text, 0
    count = sum(text.count(char) for char in unknown)
    return text.translate({ord(char): REPLACEMENT for char in unknown}), count
