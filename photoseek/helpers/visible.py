"""Texts that hold something, and nothing that an eye can see."""

from __future__ import annotations

from unicodedata import category

_NO_INK = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)
"""Fillers, an empty pattern of Braille and what only changes the letter before it."""


def visible(text: str) -> str:
    """The text as it is, or "" where no character of it can be seen, as where it is U+200B."""
    return text if any(map(_is_seen, text)) else ""


def _is_seen(character: str) -> bool:
    return character not in _BLANK and category(character) not in _NO_INK
