"""Three searches of the demo library and their five best hits, as one sheet."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from photoseek.client import Client
from photoseek.demo.example_queries import EXAMPLE_QUERIES
from photoseek.records import Hit

CELL = (232, 174)
GAP = 10
TITLE = 34
HITS = 5
INK, PAPER = (30, 32, 38), (250, 250, 252)


def draw(url: str, target: Path) -> None:
    """Search, lay out and save."""
    queries = EXAMPLE_QUERIES[:3]
    width = HITS * (CELL[0] + GAP) + GAP
    row = TITLE + CELL[1] + GAP
    sheet = Image.new("RGB", (width, len(queries) * row + GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    with Client(url) as client:
        for number, query in enumerate(queries):
            top = GAP + number * row
            pen.text((GAP, top), f"{query}", INK, ImageFont.load_default(size=20))
            for place, hit in enumerate(client.search(query, top_k=HITS).hits):
                picture = _cropped(hit)
                sheet.paste(picture, (GAP + place * (CELL[0] + GAP), top + TITLE))
    sheet.save(target, quality=85, optimize=True)


def _cropped(hit: Hit) -> Image.Image:
    """The photo, cut to the shape of a cell around its middle."""
    with Image.open(hit.stored.photo.uri) as picture:
        scale = max(CELL[0] / picture.width, CELL[1] / picture.height)
        size = (round(picture.width * scale), round(picture.height * scale))
        resized = picture.resize(size, Image.Resampling.LANCZOS)
    left, upper = (resized.width - CELL[0]) // 2, (resized.height - CELL[1]) // 2
    return resized.crop((left, upper, left + CELL[0], upper + CELL[1]))
