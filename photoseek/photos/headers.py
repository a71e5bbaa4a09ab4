"""What the header of a file claims, looked at before Pillow sees it.

Pillow's plugins believe their headers: some make room for pixels as they open, or turn every
number of a table into a Python object. What is looked at here is little, and costs microseconds.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from PIL.JpegImagePlugin import MARKER
from PIL.TiffTags import TAGS_V2_GROUPS

from photoseek.errors import DamagedPhotoError

MOST_SCANS = 100
"""A progressive JPEG has about ten scans. Thousands of empty ones are a way to burn hours."""

MOST_SEGMENTS = 4_000
"""Segments before the pixels of a JPEG. Of 64 kB each, a profile or depth map has dozens."""

MOST_EXIF_SEGMENTS = 16
"""Pillow joins them, one by one."""

MOST_CHUNKS = 200_000
"""Chunks of a PNG. Programs write its pixels in chunks of 8 kB and more."""

MOST_PIECES = 500_000
"""Strips or tiles of a TIFF. Those of 16 x 16 pixels are 400,000 in 100 megapixels."""

MOST_NUMBERS = 100_000
"""Numbers that are read out of one directory of tags: each becomes an object of 40 to 300 bytes."""

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SCAN = b"\xff\xda"
_WIDTH, _HEIGHT, _SAMPLES, _STRIPS, _ROWS, _TILE_WIDTH, _TILE_HEIGHT, _TILES = (
    256, 257, 277, 273, 278, 322, 323, 324,
)  # fmt: skip
_KEPT_AS_BYTES = (1, 2, 7)


def check_jpeg(data: bytes) -> None:
    """Refuse a JPEG with endless segments, which would take hours to join.

    Raises:
        DamagedPhotoError: it has thousands of segments of metadata.
    """
    exif = 0
    for segments, (start, marker) in enumerate(_segments(data)):
        exif += marker == 0xE1 and data[start + 4 : start + 10] == b"Exif\0\0"
        if segments > MOST_SEGMENTS or exif > MOST_EXIF_SEGMENTS:
            raise DamagedPhotoError(
                "JPEG picture has thousands of segments of metadata, which no camera or program "
                "writes."
            )


def check_scans(data: bytes) -> None:
    """Refuse a JPEG with endless scans, which would take hours to decode.

    Raises:
        DamagedPhotoError: it has more than MOST_SCANS scans.
    """
    # Another picture or a film may follow, so what is many is counted exactly.
    if data.count(_SCAN) > MOST_SCANS and _scans(data) > MOST_SCANS:
        raise DamagedPhotoError(
            f"JPEG picture has more than {MOST_SCANS} scans, which no camera or program writes."
        )


def check_png(data: bytes) -> None:
    """Refuse a PNG that is all chunks, each of which Pillow looks at.

    Raises:
        DamagedPhotoError: it has more than MOST_CHUNKS chunks.
    """
    position, chunks = 8, 0
    while position < len(data):
        position += 12 + int.from_bytes(data[position : position + 4], "big")
        chunks += 1
        if chunks > MOST_CHUNKS:
            raise DamagedPhotoError(
                f"PNG picture has more than {MOST_CHUNKS:,} chunks, which no program writes."
            )


def check_tiff(data: bytes) -> None:
    """Refuse a TIFF with more pieces than its size has use for, or with EXIF that has no end.

    Raises:
        DamagedPhotoError: it is such a file.
    """
    tags = {tag: (count, value) for tag, _, count, value in _directory(data)}

    def number(tag: int, default: int) -> int:
        return tags[tag][1] if tag in tags else default

    width, height = number(_WIDTH, 1), number(_HEIGHT, 1)
    for table, wide, high in (
        (_STRIPS, width, min(height, number(_ROWS, height))),
        (_TILES, number(_TILE_WIDTH, width), number(_TILE_HEIGHT, height)),
    ):
        listed = tags[table][0] if table in tags else 0
        used = -(-width // max(1, wide)) * -(-height // max(1, high)) * number(_SAMPLES, 1)
        if listed > min(used, MOST_PIECES):
            raise DamagedPhotoError(
                f"TIFF picture lists {listed:,} pieces; one of its size has {used:,}, and at most "
                f"{MOST_PIECES:,} are read."
            )
    for tag in TAGS_V2_GROUPS.keys() & tags.keys():  # directories that Pillow reads whole
        entries = _directory(data, tags[tag][1])
        numbers = sum(count for _, kind, count, _ in entries if kind not in _KEPT_AS_BYTES)
        if numbers > MOST_NUMBERS:
            raise DamagedPhotoError(
                f"TIFF picture has {numbers:,} numbers in its EXIF, which no camera writes."
            )


def webp_canvas(data: bytes) -> tuple[int, int]:
    """Width and height from the header; (0, 0) where it is broken, which the decoder reports."""
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        return 0, 0
    if kind == b"VP8X":
        return (
            int.from_bytes(head[4:7], "little") + 1,
            int.from_bytes(head[7:10], "little") + 1,
        )
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return (
        int.from_bytes(head[6:8], "little") & 0x3FFF,
        int.from_bytes(head[8:10], "little") & 0x3FFF,
    )


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Each marker before the pixels of a JPEG and where it stands, as Pillow reads them."""
    position = 2
    while (found := _MARKER.search(data, position)) is not None:
        position, marker = found.end(), data[found.start() + 1]
        _, _, has_body = MARKER.get(0xFF00 | marker, ("", "", None))
        if marker == _SCAN[1]:
            return
        yield found.start(), marker
        if has_body is not None:
            position += max(2, int.from_bytes(data[position : position + 2], "big"))


def _scans(data: bytes) -> int:
    """Count the scans of the first picture in a JPEG file."""
    position, scans = 2, 0
    while (found := _MARKER.search(data, position)) is not None:
        start, marker = found.start(), data[found.start() + 1]
        if marker == 0xD9:
            break
        scans += marker == _SCAN[1]
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        position = start + 2 + (0 if marker in (0x01, 0xD8) else length)
    return scans


def _directory(data: bytes, offset: int | None = None) -> list[tuple[int, int, int, int]]:
    """Tag, type, count and first value of each entry; what is broken is left to Pillow."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    first, head, entry = ("Q", "Q", "HHQ8s") if big else ("L", "H", "HHL4s")
    entries: list[tuple[int, int, int, int]] = []
    try:
        if offset is None:
            [offset] = struct.unpack_from(order + first, data, 8 if big else 4)
        [count] = struct.unpack_from(order + head, data, offset)
        start, size = offset + struct.calcsize("=" + head), struct.calcsize("=" + entry)
        for number in range(min(count, 65_535)):
            tag, kind, many, value = struct.unpack_from(order + entry, data, start + number * size)
            short = {1: "B", 3: "H", 16: "Q"}.get(kind, "L")
            entries.append((tag, kind, many, struct.unpack_from(order + short, value)[0]))
    except (struct.error, OverflowError):
        pass
    return entries
