"""BMP files that Pillow's plug-in does not read by itself: arrays of OS/2, and odd bit fields."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import _Tile

from photoseek.photos.bad_bytes import BadBytesError

BAND = 1_000_000
"""Pixels that are turned at once."""

_BIT_FIELDS = (3, 6)


class _Fields(NamedTuple):
    """How the bits of a pixel are dealt out: red, green, blue and, unless it is 0, alpha."""

    masks: tuple[int, ...]
    bits: int
    start: int
    is_upside_down: bool


class AnyBmp(BmpImageFile):
    """A BMP, or the first picture of an array of them, whatever its bit fields are."""

    _fields: _Fields | None = None

    def _open(self) -> None:
        assert self.fp is not None
        head = self.fp.read(14)
        if head.startswith(b"BA"):  # the file header of its first picture follows
            head = self.fp.read(14)
        if not head.startswith(b"BM"):
            raise BadBytesError("no picture in an array of bitmaps")
        self._bitmap(offset=int.from_bytes(head[10:14], "little"))

    def _bitmap(self, header: int = 0, offset: int = 0) -> None:
        assert self.fp is not None
        start = self.fp.tell()
        try:
            super()._bitmap(header, offset)
        except OSError as error:
            if not ("bitfields" in str(error) or "compression (6)" in str(error)):
                raise
            self.fp.seek(start)
            self._read_fields(self.fp.read(56), offset)

    def _read_fields(self, head: bytes, offset: int) -> None:
        size, width, height, _, bits, compression = struct.unpack_from("<IiiHHI", head)
        masks = struct.unpack_from("<4I", head, 40)
        if size < 56 and compression != 6:
            masks = (*masks[:3], 0)
        if bits not in (16, 32) or compression not in _BIT_FIELDS or 0 in masks[:3] or not width:
            raise BadBytesError("bit fields that no program writes")
        self._fields = _Fields(masks if masks[3] else masks[:3], bits, offset, height > 0)
        self._size = width, abs(height)
        self._mode = "RGBA" if masks[3] else "RGB"
        self.tile = [_Tile("raw", (0, 0, *self._size), offset, (self._mode,))]

    def load(self) -> Any:
        """Decode it; what the bit fields say is turned by hand."""
        if self.tile and self._fields is not None:
            fields, self._fields, self.tile = self._fields, None, []
            self.im = self._of_fields(fields).im
        return super().load()

    def _of_fields(self, fields: _Fields) -> Image.Image:
        assert self.fp is not None
        width, height = self.size
        stride = (width * fields.bits + 31) // 32 * 4
        picture = Image.new(self.mode, self.size)
        rows = max(1, BAND // width)
        for upper in range(0, height, rows):
            lower = min(upper + rows, height)
            first = height - lower if fields.is_upside_down else upper
            self.fp.seek(fields.start + first * stride)
            data = self.fp.read((lower - upper) * stride)
            if len(data) < (lower - upper) * stride:
                raise BadBytesError("its data end too early")
            values = np.frombuffer(data, f"<u{fields.bits // 8}").reshape(lower - upper, -1)
            if fields.is_upside_down:
                values = values[::-1]
            bands = [_channel(values[:, :width], mask) for mask in fields.masks]
            picture.paste(Image.fromarray(np.dstack(bands)), (0, upper))
        return picture


def _channel(values: NDArray[np.unsignedinteger], mask: int) -> NDArray[np.uint8]:
    """The bits of a channel, stretched to eight."""
    shift = (mask & -mask).bit_length() - 1
    field = (values.astype(np.uint64) & mask) >> np.uint64(shift)
    return (field * 255 // (mask >> shift)).astype(np.uint8)
