"""Draws the few pictures and documents that demo customers send, into the folder files are served from."""

from pathlib import Path

from PIL import Image, ImageDraw

COUNT = 6
_COLOURS = ("#f2b705", "#2f6f9f", "#c8553d", "#588157", "#8d6a9f", "#3d405b")


def draw_files(folder: Path) -> None:
    """Makes image-1..6.png and document-1..6.pdf in `folder`; what is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, COUNT + 1):
        picture, document = folder / f"image-{number}.png", folder / f"document-{number}.pdf"
        if not picture.exists():
            _draw_parcel(number).save(picture)
        if not document.exists():
            _draw_receipt(number).save(document, resolution=100)


def _draw_parcel(number: int) -> Image.Image:
    """A parcel on a table, each in another colour and more or less dented."""
    image = Image.new("RGB", (960, 720), "#e9e4da")
    draw = ImageDraw.Draw(image)
    for row in range(720):
        shade = 236 - row // 12
        draw.line([(0, row), (960, row)], fill=(shade, shade - 4, shade - 14))
    colour, dent = _COLOURS[number - 1], number * 14
    draw.polygon([(250, 300), (560, 230), (760, 300), (440, 380)], fill="#d9b38c", outline="#8a6a45")
    draw.polygon([(250, 300), (440, 380), (440, 610), (262, 520)], fill="#c49a6c", outline="#8a6a45")
    draw.polygon([(440, 380), (760, 300), (748, 520 - dent), (440, 610)], fill="#b5895a", outline="#8a6a45")
    draw.polygon([(330, 332), (370, 349), (660, 265), (622, 252)], fill=colour)
    draw.polygon([(500, 430), (650, 390), (650, 470), (500, 512)], fill="#f6f4ee", outline="#8a6a45")
    for line in range(3):
        draw.line([(515, 448 + line * 20), (635, 416 + line * 20)], fill="#555555", width=4)
    return image


def _draw_receipt(number: int) -> Image.Image:
    page = Image.new("RGB", (827, 1169), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((60, 60, 767, 150), fill=_COLOURS[number - 1])
    for line in range(14):
        top = 220 + line * 48
        draw.rectangle((80, top, 80 + 320 + (line * 37 * number) % 160, top + 14), fill="#c9ccd1")
        draw.rectangle((640, top, 740, top + 14), fill="#9aa0a6")
    draw.rectangle((560, 940, 740, 980), fill="#3d405b")
    return page
