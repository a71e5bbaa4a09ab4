"""The text that stands in a picture, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Corner: TypeAlias = tuple[float, float]
"""A place in a picture: how far it is from its left and from its upper side, each from 0 to 1."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of writing in a picture, and where it stands.

    `confidence` runs from 0 to 1. `corners` are those of the box around it, which need not be
    level: above the first letter, above the last one, below the last one, below the first one.
    """

    text: str
    confidence: float
    corners: tuple[Corner, ...]


@dataclass(frozen=True, slots=True)
class PictureText:
    """What was read in a picture; no lines where nothing is written in it.

    `reader` says what has read it, in which version. `is_rough` where there was no more to read
    than a thumbnail, which shows large letters only.
    """

    reader: str
    lines: tuple[TextLine, ...] = ()
    is_rough: bool = False

    @property
    def text(self) -> str:
        """All of it, line by line."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class ReadText:
    """What was read in the bytes of a photo that has this content hash."""

    content_hash: str
    text: PictureText
