"""A small reader of text in pictures that knows some words only, and pictures to read."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from typing_extensions import override

from photoseek.ocr import TextReader
from photoseek.records import Pixels, TextLine

WORDS = ("SUMMER SALE", "EXIT", "COFFEE")
SIZE = (640, 400)
_SAMPLE = (96, 16)
_DARK = 128
_GAP = 4


def sign(*lines: str, size: tuple[int, int] = SIZE) -> Image.Image:
    """Lines of black letters on white, each in an eighth of the height, from the top left."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    step = size[1] // 4
    for number, line in enumerate(lines):
        place = size[0] // 10, step // 4 + number * step
        draw.text(place, line, fill="black", font=ImageFont.load_default(step // 2))
    return picture


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


class KnowsWords(TextReader):
    """Tells which of the words it knows a line looks like."""

    def __init__(
        self, words: Sequence[str] = WORDS, *, name: str = "knows words 1", side: int = 1000
    ) -> None:
        self._words = words
        self._name = name
        self._side = side
        self.read = 0

    @property
    @override
    def name(self) -> str:
        return self._name

    @property
    @override
    def side(self) -> int:
        return self._side

    @override
    def lines(self, pixels: Pixels) -> Iterator[TextLine]:
        self.read += 1
        ink = pixels.mean(axis=2) < _DARK
        height, width = ink.shape
        for upper, lower in _runs(ink.any(axis=1)):
            across = np.flatnonzero(ink[upper:lower].any(axis=0))
            left, right = int(across[0]), int(across[-1]) + 1
            seen = _sampled(ink[upper:lower, left:right])
            unlike = {word: float(np.abs(seen - _looks(word)).mean()) for word in self._words}
            word = min(unlike, key=unlike.__getitem__)
            corners = ((left, upper), (right, upper), (right, lower), (left, lower))
            fractions = tuple((x / width, y / height) for x, y in corners)
            yield TextLine(word, 1 - unlike[word], fractions)


def _runs(rows: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """The lines of writing by their first and last row; small gaps are within a line."""
    dark = np.flatnonzero(rows)
    if not len(dark):
        return
    breaks = np.flatnonzero(np.diff(dark) > _GAP)
    starts = [dark[0], *dark[breaks + 1]]
    ends = [*dark[breaks], dark[-1]]
    yield from ((int(start), int(end) + 1) for start, end in zip(starts, ends, strict=True))


@cache
def _looks(word: str) -> NDArray[np.float32]:
    ink = np.asarray(sign(word).convert("L")) < _DARK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return _sampled(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _sampled(ink: NDArray[np.bool_]) -> NDArray[np.float32]:
    picture = Image.fromarray((ink * 255).astype(np.uint8))
    sampled = np.asarray(picture.resize(_SAMPLE, Image.Resampling.BOX), np.float32)
    return sampled / np.float32(255)
