"""The chunks of a PNG without those that cost it its pixels.

Pillow refuses a whole picture for a text or colour profile of more than a megabyte, for a sum that
is wrong in a chunk that nobody needs, and for one that is too short. Viewers pass over such chunks.
Texts are what inflates: no more of them is unpacked here than may be kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from photoseek.errors import DamagedPhotoError, NotAPhotoError

MOST_CHUNKS = 200_000
"""Chunks of a PNG. Programs write its pixels in chunks of 8 kB and more."""

LARGEST_TEXT = 1_000_000
"""Bytes of one text or profile, unpacked: what Pillow takes."""

MOST_TEXT = 8_000_000
"""Bytes of all texts and profiles that are kept, or unpacked for nothing."""

_SHORTEST = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"iCCP": 3}
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")


def without_burden(data: bytes) -> bytes:
    """A PNG whose pixels can be read, without the texts and profiles that would be in the way.

    The very same bytes where nothing is in the way.

    Raises:
        DamagedPhotoError: it is all chunks, each of which Pillow looks at.
        NotAPhotoError: it is of a kind that only Apple's programs read.
    """
    if data[12:16] == b"CgBI":
        raise NotAPhotoError(
            "This is a PNG of an iPhone app (CgBI), which only Apple's programs read. "
            "Open it in Preview on a Mac and export it as PNG or JPEG."
        )
    left_out: list[tuple[int, int]] = []
    text = 0
    pixels_begun = False
    for number, (start, end) in enumerate(_chunks(data)):
        if number >= MOST_CHUNKS:
            raise DamagedPhotoError(
                f"PNG picture has more than {MOST_CHUNKS:,} chunks, which no program writes."
            )
        kind = data[start + 4 : start + 8]
        pixels_begun |= kind == b"IDAT"
        if not kind[:1].islower() or end > len(data):
            continue  # the picture itself, or what Pillow finds cut short
        size = 0
        if kind in _TEXTS:
            size = _unpacked(data, start, end) if text < MOST_TEXT else LARGEST_TEXT + 1
            text += size
        broken = not pixels_begun and zlib.crc32(data[start + 4 : end - 4]) != _number(
            data, end - 4
        )
        if size > LARGEST_TEXT or broken or end - start - 12 < _SHORTEST.get(kind, 0):
            left_out.append((start, end))
    return _without(data, left_out) if left_out else data


def _chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each chunk begins, and where the next one does."""
    start = 8
    while start < len(data):
        end = start + 12 + _number(data, start)
        yield start, end
        start = end


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _unpacked(data: bytes, start: int, end: int) -> int:
    """The size of a text or profile, unpacked; a little more than is allowed where it is larger.

    One that is packed in a way that nobody knows counts as too large.
    """
    kind, body = data[start + 4 : start + 8], data[start + 8 : end - 4]
    size = len(body)
    if kind == b"tEXt":
        return size
    _, _, rest = body.partition(b"\0")
    if kind == b"iTXt":
        if not rest[:1].strip(b"\0"):
            return size  # it is not packed
        _, _, rest = rest[2:].partition(b"\0")
        _, _, rest = rest.partition(b"\0")
        packed = rest
    else:
        if rest[:1].strip(b"\0"):
            return LARGEST_TEXT + 1
        packed = rest[1:]
    try:
        return max(size, len(zlib.decompressobj().decompress(packed, LARGEST_TEXT + 1)))
    except zlib.error:
        return size  # Pillow takes it for empty


def _without(data: bytes, left_out: list[tuple[int, int]]) -> bytes:
    parts = []
    at = 0
    for start, end in left_out:
        parts.append(data[at:start])
        at = end
    return b"".join((*parts, data[at:]))
