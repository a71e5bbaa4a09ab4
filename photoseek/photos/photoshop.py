"""Photoshop documents by the flat picture that is in them beside the layers."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PsdImagePlugin import MODES, PsdImageFile

from photoseek.photos.bad_bytes import BadBytesError

_LARGE = b"8BPS\0\2"
_VERSION, _CHANNELS, _HEIGHT = slice(4, 6), slice(12, 14), slice(14, 18)
_WIDTH, _BITS, _MODE = slice(18, 22), slice(22, 24), slice(24, 26)
_HEAD = 26
_PACKED = 1
_RGB = 3
_VERSION_INFO = 1057


class FlatPsd(PsdImageFile):
    """The flat picture of a Photoshop document, small or large (PSB), of 8, 16 or 32 bits.

    Pillow knows small documents of 8 bits. One whose numbers have more bytes is shown to it with
    the width times these bytes (`numbers_of`). Of 2 bytes the second is the lower half of a number
    and is left away; 4 are put together to a float. Floats are linear light and get the curve of
    sRGB.
    """

    def __init__(self, file: BinaryIO) -> None:
        whole = file.read()
        data, self._packed = _of_small_document(whole)
        self.is_rewritten = data is not whole
        self.numbers_of = {16: 2, 32: 4}.get(_number(data[_BITS]), 1)
        if self.numbers_of > 1:
            width = _number(data[_WIDTH]) * self.numbers_of
            if width >= 1 << 32:
                raise BadBytesError("a width that cannot be")
            data = data[:18] + width.to_bytes(4, "big") + b"\0\x08" + data[24:]
        super().__init__(io.BytesIO(data))

    def _open(self) -> None:
        super()._open()
        self._place_channels()
        if self._is_empty():
            raise BadBytesError(
                "it was saved without a flat picture: in Photoshop, save it with "
                '"Maximize compatibility"'
            )
        if self.mode == "RGBA" and not self._is_transparent():
            self._mode = "RGB"  # the fourth channel is a selection that somebody kept
            self.tile = self.tile[:3]
        self._size = self.size[0] // self.numbers_of, self.size[1]

    def _place_channels(self) -> None:
        """Say where the packed channels begin, where Pillow was shown rows of no length."""
        at = self.tile[0].offset if self.tile else 0
        for number, size in enumerate(self._packed[: len(self.tile)]):
            self.tile[number] = self.tile[number]._replace(offset=at)
            at += size

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
        if not (self.numbers_of > 1 and self.tile):
            return super().load()
        width, height = self.size
        wide = width * self.numbers_of
        self._size = wide, height
        super().load()
        whole = Image.new(self.mode, (width, height))
        rows = max(1, 250_000 // width)
        for upper in range(0, height, rows):
            lower = min(upper + rows, height)
            band = np.asarray(self.crop((0, upper, wide, lower)))
            eight = band[:, ::2] if self.numbers_of == 2 else _of_light(band)
            whole.paste(Image.fromarray(eight, self.mode), (0, upper))
        self.im, self._size = whole.im, (width, height)
        return Image.Image.load(self)


def _of_small_document(data: bytes) -> tuple[bytes, tuple[int, ...]]:
    """The same document as a small one, in which the rows of no other channels are counted.

    Beside it, the sizes of its packed channels in bytes, where rows are longer than it can say.

    A large one has longer lengths, and its layers are left away but for their number, which says
    whether there is transparency. Pillow takes the first channels for all that there are.
    """
    is_large = data.startswith(_LARGE)
    at = _HEAD
    for _ in range(2):  # colours of a palette, resources
        at += 4 + _number(data[at : at + 4])
    size = 8 if is_large else 4
    layers = _number(data[at : at + size])
    pixels = at + size + layers
    if pixels + 2 > len(data):
        if is_large:
            raise BadBytesError("a section that goes beyond the file")
        return data, ()
    compression = _number(data[pixels : pixels + 2])
    channels, wanted = _number(data[_CHANNELS]), _wanted_channels(data)
    counted = compression == _PACKED and channels > wanted
    if not (is_large or counted):
        return data, ()
    section = data[at:pixels]
    if is_large:
        number = data[at + 16 : at + 18] if layers >= 10 and any(data[at + 8 : at + 16]) else b""
        inner = len(number).to_bytes(4, "big") + number if number else b""
        section = len(inner).to_bytes(4, "big") + inner
    rest = data[pixels + 2 :]
    sizes: tuple[int, ...] = ()
    if compression == _PACKED:
        rest, sizes = _with_short_counts(rest, channels, wanted, _number(data[_HEIGHT]), is_large)
    head = data[:4] + b"\0\1" + data[6:at]
    return head + section + data[pixels : pixels + 2] + rest, sizes


def _wanted_channels(data: bytes) -> int:
    """How many channels Pillow reads."""
    mode = _number(data[_MODE])
    channels = MODES.get((mode, 8 if mode else _number(data[_BITS])), ("", 0))[1]
    return 4 if mode == _RGB and _number(data[_CHANNELS]) == 4 else channels


def _with_short_counts(
    data: bytes, channels: int, wanted: int, height: int, is_large: bool
) -> tuple[bytes, tuple[int, ...]]:
    """Packed rows behind their sizes: two bytes each, and those of the wanted channels alone.

    Rows of large documents may be longer than two bytes can say: then all are said to be empty, and
    the sizes of the channels stand beside them.
    """
    kind = np.dtype(">u4" if is_large else ">u2")
    if len(data) < channels * height * kind.itemsize:
        raise BadBytesError("fewer rows than there are")
    sizes = np.frombuffer(data, kind, channels * height)[: wanted * height]
    rows = data[channels * height * kind.itemsize :]
    if sizes.size and sizes.max() >= 1 << 16:
        of_channels = sizes.reshape(wanted, height).sum(1, np.int64).tolist()
        return bytes(2 * sizes.size) + rows, tuple(of_channels)
    return sizes.astype(">u2").tobytes() + rows, ()


def _of_light(band: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bytes of floats, four beside one another, as eight bits: 1 is white, alpha stays straight."""
    rows, wide = band.shape[:2]
    parts = np.moveaxis(band.reshape(rows, wide // 4, 4, -1), 2, 3)
    light = np.ascontiguousarray(parts).view(">f4")[..., 0]
    light = np.clip(np.nan_to_num(light, posinf=1, neginf=0), 0, 1).astype(np.float32)
    shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    if shown.shape[2] == 4:
        shown[..., 3] = light[..., 3]
    eight: NDArray[np.uint8] = (shown * 255 + 0.5).astype(np.uint8)
    return eight[..., 0] if eight.shape[2] == 1 else eight


def _number(digits: bytes) -> int:
    return int.from_bytes(digits, "big")
