"""TIFF pictures of any numbers: floats and halves, 12 to 64 bits, signed, with alpha of 16 bits.

Pillow's plug-in knows a table of combinations. What is not in there, or comes out wrong, is read
by hand: a copy of the directory says that the bytes of each pixel are grey pixels of their own,
Pillow and libtiff unpack them as they are, and NumPy makes numbers of them.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL import TiffImagePlugin as Tiff
from PIL.ExifTags import Base
from PIL.ImageFile import ImageFile, _Tile
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from photoseek.photos.numbers import Scale, scale_of, to_eight_bits
from photoseek.photos.tiff_samples import Samples, comes_out_wrong, samples_of
from photoseek.photos.tiff_webp import WEBP, webp_picture

BAND = 250_000
"""Pixels that are turned at once: as numbers of 64 bits they are many bytes."""

_FORMATS = {1: "u", 2: "i", 3: "f"}


class _FreeTiff(TiffImageFile):
    """A TIFF whose size is limited by us, and not by what is set for the whole process."""

    def load_prepare(self) -> None:
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size).im
        ImageFile.load_prepare(self)


class AnyTiff(_FreeTiff):
    """A TIFF, whatever the numbers of its pixels."""

    samples: Samples | None = None
    """Set where the pixels are read by hand."""

    is_webp = False

    def _setup(self) -> None:
        self.samples = None
        self.is_webp = self.tag_v2.get(Tiff.COMPRESSION) == WEBP
        try:
            super()._setup()
            if not comes_out_wrong(self.tag_v2):
                return
        except SyntaxError as error:
            if "pixel mode" not in str(error) and "samples per pixel" not in str(error):
                raise
        found = self.samples = samples_of(self.tag_v2)
        self._mode, self._tile_size = found.mode, (found.width, found.height)
        turned = self.tag_v2.get(Base.Orientation) in (5, 6, 7, 8)
        self._size = self._tile_size[::-1] if turned else self._tile_size
        self.tile = [_Tile("raw", (0, 0, *self._tile_size), 0, (self.mode,))]
        self.palette = None
        if Tiff.ICCPROFILE in self.tag_v2:
            self.info["icc_profile"] = self.tag_v2[Tiff.ICCPROFILE]

    def load(self) -> Any:
        """Decode it, and turn it upright, as Pillow does."""
        if not self.tile or not (self.is_webp or self.samples):
            return super().load()
        assert isinstance(self.fp, io.BytesIO)
        self.tile = []
        data = self.fp.getvalue()
        if self.samples is not None:
            picture = _picture(self.samples, data, self.tag_v2)
        else:
            picture = webp_picture(data, self.tag_v2)
            self._mode = picture.mode
        self.im = picture.im
        self.load_end()
        return Image.Image.load(self)


def _picture(samples: Samples, data: bytes, tags: ImageFileDirectory_v2) -> Image.Image:
    """The picture of eight bits a channel; of one channel, I;16 or F where it has more."""
    planes = [_unpacked(samples, data, tags, number) for number in range(samples.planes)]
    scale = None
    if samples.mode not in ("I;16", "F"):
        bands = (values for _, values in _bands(samples, planes))
        scale = scale_of(bands, samples.colours, samples.top)
    whole = Image.new(samples.mode, (samples.width, samples.height))
    for upper, values in _bands(samples, planes):
        band = _shown(samples, values, scale)
        whole.paste(band, (0, upper))
    return whole


def _shown(samples: Samples, values: NDArray[Any], scale: Scale | None) -> Image.Image:
    """A band of rows as Pillow has them."""
    mode = samples.mode
    if scale is None:
        grey = values[..., 0]
        if samples.photometric == 0:
            grey = samples.top - grey if mode == "I;16" else -grey.astype(np.float64)
        return Image.fromarray(grey.astype(np.uint16 if mode == "I;16" else np.float32))
    if mode == "LAB":
        signed = (values.view(np.int16) >> 8).astype(np.int8)
        lab = np.dstack([values[..., 0] >> 8, signed[..., 1], signed[..., 2]]).astype(np.uint8)
        return Image.frombytes("LAB", lab.shape[1::-1], lab.tobytes())
    shown = to_eight_bits(values[..., : samples.colours], scale)
    if samples.photometric == 0:
        shown = 255 - shown
    if samples.alpha < 0:
        return Image.fromarray(shown[..., 0] if mode == "L" else shown, mode)
    alpha = to_eight_bits(values[..., samples.alpha], scale.of_alpha)
    if mode == "CMYK":
        return Image.fromarray((shown * (alpha[..., None] / 255)).astype(np.uint8), mode)
    return Image.fromarray(np.dstack([shown, alpha]), mode)


def _bands(samples: Samples, planes: list[Image.Image]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Rows of numbers, shape (rows, width, channels), from the top down, and where they begin."""
    rows = max(1, BAND // samples.across)
    for upper in range(0, samples.height, rows):
        lower = min(upper + rows, samples.height)
        parts = [
            _numbers(samples, np.asarray(plane.crop((0, upper, plane.width, lower))))
            for plane in planes
        ]
        values = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)
        yield upper, values[:, : samples.width]


def _numbers(samples: Samples, rows: NDArray[np.uint8]) -> NDArray[Any]:
    """Numbers of rows of bytes, shape (rows, pixels with what hangs over, channels)."""
    height, channels = len(rows), samples.in_plane
    wide = samples.across if samples.tile is None else samples.tile[0]
    pieces = np.ascontiguousarray(rows).reshape(height, samples.across // wide, -1)
    if samples.bits % 8:
        numbers = np.unpackbits(pieces, axis=2)[..., : wide * channels * samples.bits]
        powers = (1 << np.arange(samples.bits - 1, -1, -1)).astype(np.uint16)
        values = numbers.reshape(height, -1, samples.bits) @ powers
        return np.asarray(values).reshape(height, -1, channels)
    size = samples.bits // 8
    if samples.predictor == 3:
        sums = np.cumsum(pieces.reshape(*pieces.shape[:2], -1, channels), 2, np.uint8)
        planes = sums.reshape(height, -1, size, wide * channels).swapaxes(2, 3)
        values = np.ascontiguousarray(planes).view(f">f{size}")
        return values.reshape(height, -1, channels)
    values = pieces.view(f"{samples.order}u{size}").reshape(height, -1, wide, channels)
    if samples.predictor == 2:
        values = np.cumsum(values, axis=2, dtype=f"=u{size}")
    native = np.ascontiguousarray(values.astype(f"=u{size}", copy=False))
    return native.view(f"={_FORMATS[samples.form]}{size}").reshape(height, -1, channels)


def _unpacked(
    samples: Samples, data: bytes, tags: ImageFileDirectory_v2, plane: int
) -> Image.Image:
    """The bytes of one plane of samples, as a grey picture."""
    kinds = (Tiff.STRIPOFFSETS, Tiff.STRIPBYTECOUNTS)
    if samples.tile is not None:
        kinds = (Tiff.TILEOFFSETS, Tiff.TILEBYTECOUNTS)
    new: dict[int, list[int]] = {
        Tiff.IMAGEWIDTH: [samples.row_bytes],
        Tiff.IMAGELENGTH: [samples.height],
        Tiff.BITSPERSAMPLE: [8],
        Tiff.COMPRESSION: [samples.compression],
        Tiff.PHOTOMETRIC_INTERPRETATION: [1],
        Tiff.FILLORDER: [int(tags.get(Tiff.FILLORDER, 1))],
        Tiff.SAMPLESPERPIXEL: [1],
    }
    for kind in kinds:
        listed = [int(each) for each in tags[kind]]
        each = len(listed) // samples.planes
        new[kind] = listed[plane * each : (plane + 1) * each]
    if samples.tile is not None:
        new |= {Tiff.TILEWIDTH: [samples.row(samples.tile[0])], Tiff.TILELENGTH: [samples.tile[1]]}
    else:
        rows = min(int(tags.get(Tiff.ROWSPERSTRIP, samples.height)), samples.height)
        new[Tiff.ROWSPERSTRIP] = [rows]
    picture = _FreeTiff(io.BytesIO(_with_directory(data, new)))
    picture.load()
    return picture


def _with_directory(data: bytes, tags: dict[int, list[int]]) -> bytes:
    """The bytes of a file behind a new header, and a directory at the end that says this."""
    start = len(data) + len(data) % 2
    table = start + 2 + 12 * len(tags) + 4
    entries, lists = [], []
    for tag, values in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}L", *values)
        if len(values) == 1:
            entries.append(struct.pack("<HHL", tag, 4, 1) + packed)
        else:
            entries.append(struct.pack("<HHLL", tag, 4, len(values), table))
            lists.append(packed)
            table += len(packed)
    parts = (b"II*\0", struct.pack("<L", start), data[8:], bytes(len(data) % 2))
    return b"".join((*parts, struct.pack("<H", len(tags)), *entries, bytes(4), *lists))
