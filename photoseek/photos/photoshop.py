"""Photoshop documents by the flat picture that is in them beside the layers."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

import numpy as np
from PIL import Image
from PIL.PsdImagePlugin import PsdImageFile

_WIDTH, _BITS = slice(18, 22), slice(22, 24)
_VERSION_INFO = 1057


class FlatPsd(PsdImageFile):
    """The flat picture of a Photoshop document, of 8 or 16 bits a channel.

    Pillow knows 8 bits. A file of 16 is shown to it as one of twice the width, of whose pixels
    every second one is the upper half of a number.
    """

    def __init__(self, file: BinaryIO) -> None:
        data = file.read()
        self.is_deep = data[_BITS] == b"\0\x10"
        if self.is_deep:
            width = int.from_bytes(data[_WIDTH], "big") * 2
            if width >= 1 << 32:
                raise SyntaxError("a width that cannot be")
            data = data[:18] + width.to_bytes(4, "big") + b"\0\x08" + data[24:]
        super().__init__(io.BytesIO(data))

    def _open(self) -> None:
        super()._open()
        if self._is_empty():
            raise OSError(
                "it was saved without a flat picture: in Photoshop, save it with "
                '"Maximize compatibility"'
            )
        if self.mode == "RGBA" and not self._is_transparent():
            self._mode = "RGB"  # the fourth channel is a selection that somebody kept
            self.tile = self.tile[:3]
        if self.is_deep:
            self._size = self.size[0] // 2, self.size[1]

    def _is_empty(self) -> bool:
        """Whether the flat picture is a blank one that tells to open the file in Photoshop."""
        notes = [data for number, _, data in self.resources if number == _VERSION_INFO]
        return any(data[4:5] == b"\0" for data in notes)

    def _is_transparent(self) -> bool:
        """Whether the fourth channel is transparency: the number of layers is negative then."""
        assert self.fp is not None
        if self._layers_position is None:
            return False
        here = self.fp.tell()
        self.fp.seek(self._layers_position)
        layers = int.from_bytes(self.fp.read(2), "big", signed=True)
        self.fp.seek(here)
        return layers < 0

    def load(self) -> Any:
        """Decode it."""
        if not (self.is_deep and self.tile):
            return super().load()
        width, height = self.size
        self._size = width * 2, height
        super().load()
        whole = Image.new(self.mode, (width, height))
        rows = max(1, 1_000_000 // width)
        for upper in range(0, height, rows):
            lower = min(upper + rows, height)
            band = np.asarray(self.crop((0, upper, width * 2, lower)))[:, ::2]
            whole.paste(Image.fromarray(band, self.mode), (0, upper))
        self.im, self._size = whole.im, (width, height)
        return Image.Image.load(self)
