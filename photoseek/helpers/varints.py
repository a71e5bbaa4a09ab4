"""Whole numbers as Protocol Buffers write them: seven bits to a byte, the lowest first."""

from __future__ import annotations

_MOST_BITS = 64


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at a place, and where what follows it begins.

    Raises:
        ValueError: the bytes end before it does, or it has more than 64 bits.
    """
    number = shift = 0
    while True:
        if at >= len(data) or shift >= _MOST_BITS:
            raise ValueError("no number of Protocol Buffers")
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7
