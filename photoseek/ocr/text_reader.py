"""The contract of what reads the text in pictures, and what is kept of what it finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from photoseek.records import Corner, PictureText, Pixels, TextLine

LEAST_CONFIDENCE = 0.75
"""Lines of which a reader is less sure are dropped: patterns that look like letters."""

MOST_LINES = 200
MOST_CHARACTERS = 5_000
LONGEST_LINE = 500
"""What is kept of one picture: about a page of print, which takes 25 kB in an index."""

_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class TextReader(Protocol):
    """Finds the lines of writing in a picture. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """What reads, in which version: another one may read something else."""
        ...

    @property
    def side(self) -> int:
        """The pixels that the longest side of a picture has at most when it is read."""
        ...

    def lines(self, pixels: Pixels) -> Iterable[TextLine]:
        """The lines in a picture, from the upper left to the lower right, sure ones and others."""
        ...


def read_text(reader: TextReader, pixels: Pixels, *, is_rough: bool = False) -> PictureText:
    """What is kept of the text in a picture. `is_rough` says that it is a thumbnail."""
    return PictureText(reader.name, tuple(_kept(reader.lines(pixels))), is_rough)


def _kept(lines: Iterable[TextLine]) -> Iterator[TextLine]:
    room = MOST_CHARACTERS
    kept = 0
    for line in lines:
        text = " ".join(_ODD.sub(" ", line.text).split())[:LONGEST_LINE]
        if line.confidence < LEAST_CONFIDENCE or not any(map(str.isalnum, text)):
            continue
        kept, room = kept + 1, room - len(text)
        if kept > MOST_LINES or room < 0:
            return
        yield TextLine(text, round(line.confidence, 2), tuple(map(_within, line.corners)))


def _within(corner: Corner) -> Corner:
    across, down = (round(min(1.0, max(0.0, each)), 4) for each in corner)
    return across, down
