"""What the header of a file claims, looked at before Pillow sees it.

Pillow's plugins believe their headers: some make room for pixels as they open, or turn every
number of a table into a Python object. What is looked at here is little, and costs microseconds.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from PIL.JpegImagePlugin import MARKER

from photoseek.errors import DamagedPhotoError

MOST_SCANS = 100
"""A progressive JPEG has about ten scans. Thousands of empty ones are a way to burn hours."""

MOST_SEGMENTS = 4_000
"""Segments before the pixels of a JPEG. Of 64 kB each, a profile or depth map has dozens."""

MOST_EXIF_SEGMENTS = 16
"""Pillow joins them, one by one."""

MOST_TILES = 20_000
"""Tiles of a JPEG 2000, each of which costs kilobytes. Those of 128 x 128 pixels are 6,000."""

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SCAN = b"\xff\xda"


def check_jpeg(data: bytes) -> None:
    """Refuse a JPEG with endless segments, which would take hours to join.

    Raises:
        DamagedPhotoError: it has thousands of segments of metadata.
    """
    exif = 0
    for segments, (start, marker) in enumerate(jpeg_segments(data)):
        exif += marker == 0xE1 and data[start + 4 : start + 10] == b"Exif\0\0"
        if segments > MOST_SEGMENTS or exif > MOST_EXIF_SEGMENTS:
            raise DamagedPhotoError(
                "JPEG picture has thousands of segments of metadata, which no camera or program "
                "writes."
            )


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
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


def jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Each marker of the first picture in a JPEG file, pixels and all, and where it stands."""
    position = 2
    while (found := _MARKER.search(data, position)) is not None:
        start, marker = found.start(), data[found.start() + 1]
        if marker == 0xD9:
            return
        yield start, marker
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        position = start + 2 + (0 if marker in (0x01, 0xD8) else length)


def start_of_scan(data: bytes) -> int:
    """Where the pixels of a JPEG begin; its length where it has none."""
    scans = (start for start, marker in jpeg_markers(data) if marker == _SCAN[1])
    return next(scans, len(data))


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


class Codestream(NamedTuple):
    """What a JPEG 2000 says of its size, that of its tiles, and its channels."""

    width: int
    height: int
    tile_width: int
    tile_height: int
    channels: int

    @property
    def tiles(self) -> int:
        """How many there are."""
        return -(-self.width // self.tile_width) * -(-self.height // self.tile_height)


def codestream_of(data: bytes) -> Codestream:
    """The size of the picture in a JPEG 2000 file.

    Raises:
        DamagedPhotoError: it has none, or has more channels or tiles than a photo.
    """
    start = data.find(b"\xff\x4f\xff\x51")
    fields = data[start + 8 : start + 42]
    if start >= 0 and len(fields) == 34:
        right, lower, left, upper, wide, high, _, _, channels = struct.unpack(">8LH", fields)
        found = Codestream(right - left, lower - upper, max(1, wide), max(1, high), channels)
        if found.width > 0 and found.height > 0 and channels <= 4 and found.tiles <= MOST_TILES:
            return found
    raise DamagedPhotoError("JPEG 2000 picture is damaged, or of a rare kind (no size in it).")


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


def _scans(data: bytes) -> int:
    """Count the scans of the first picture in a JPEG file."""
    return sum(marker == _SCAN[1] for _, marker in jpeg_markers(data))
