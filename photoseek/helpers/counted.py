"""How many there are of something, in the words of a sentence."""

from __future__ import annotations


def counted(count: int, one: str, many: str) -> str:
    """The number with the words that fit it, such as "1 photo is" and "2,000 photos are"."""
    return f"{count:,} {one if count == 1 else many}"
