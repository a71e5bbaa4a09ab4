"""How much memory a picture takes from its header to its vector, and sharing it out.

The figures are those of Pillow and its decoders, measured at 100 megapixels, a little rounded up.
What comes after the decoder is done in bands and takes little (`decoding`).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    ROWSPERSTRIP,
    SAMPLESPERPIXEL,
    STRIPOFFSETS,
    TILELENGTH,
    TILEOFFSETS,
    TILEWIDTH,
    TiffImageFile,
)

from photoseek.photos.animations import is_animation
from photoseek.photos.headers import codestream_of
from photoseek.photos.jpeg_ends import WholeJpeg
from photoseek.photos.photoshop import FlatPsd
from photoseek.photos.tiff_pixels import AnyTiff

SMALL = 32_000_000
"""Bytes. Pictures that take no more share nothing: there are no more of them than threads."""

PIECE = 300
"""Bytes that Pillow takes for each strip or tile of a TIFF."""

HAND = 40_000_000
"""Bytes of a band of numbers that are turned by NumPy."""

WAVELET = 6
"""Bytes of each coefficient of a JPEG 2000, with what unpacks it."""

TILE = 8_000
"""Bytes for each tile of a JPEG 2000."""

AFTERWARDS = 5
"""Bytes for each pixel, of eight-bit copies and what is averaged, at the most."""

_STORED = {"1": 1, "L": 1, "P": 1}


def memory_of(picture: ImageFile, data: bytes, size: tuple[int, int]) -> int:
    """The most bytes that decoding a picture takes, told from its header. Its file is in it.

    `size` is that of the picture as it is; its own may be smaller, where it is drafted.
    """
    pixels = picture.width * picture.height
    decoder = _decoder(picture, data, size[0] * size[1])
    return len(data) + decoder + pixels * (_stored(picture) + _after(picture))


def webp_memory(canvas: tuple[int, int], size: int) -> int:
    """The same for a WebP picture, whose decoder takes the most of it as it opens.

    Two canvases, the pixels as bytes, and the pixels as Pillow has them, 4 bytes a pixel each.
    """
    return 2 * size + canvas[0] * canvas[1] * (16 + 1)


class SharedMemory:
    """Bytes of memory that all pictures which are decoded at the same time share.

    Large pictures wait for one another, in the order in which they come; small ones never wait.
    Whoever has got room waits for nothing else inside of it, so it cannot come to a deadlock.
    """

    def __init__(self, size: int) -> None:
        """`size` is at least what one picture may take."""
        self._free = size
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Inside, `size` bytes are taken; waits until they are free."""
        if size <= SMALL:
            yield
            return
        turn = object()
        with self._changed:
            self._queue.append(turn)
            self._changed.wait_for(lambda: self._queue[0] is turn and self._free >= size)
            self._queue.popleft()
            self._free -= size
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many pictures wait for room."""
        with self._changed:
            return len(self._queue)

    def is_free(self, size: int) -> bool:
        """Whether a picture that takes `size` bytes need not wait now."""
        with self._changed:
            return size <= SMALL or (not self._queue and self._free >= size)


def _stored(picture: ImageFile) -> int:
    """Bytes in which Pillow keeps a pixel."""
    return 2 if picture.mode.startswith("I;16") else _STORED.get(picture.mode, 4)


def _after(picture: ImageFile) -> int:
    plain = picture.mode in ("L", "RGB", "CMYK") and not picture.has_transparency_data
    return 1 if plain else AFTERWARDS


def _decoder(picture: ImageFile, data: bytes, pixels: int) -> int:
    """Bytes that the decoder takes besides the pixels that it gives."""
    if isinstance(picture, JpegImageFile):
        decoded_twice = isinstance(picture, WholeJpeg) and picture.lacks_end
        twice = picture.width * picture.height * 4 if decoded_twice else 0
        return _coefficients(picture, data, pixels) + twice
    if isinstance(picture, AnyTiff) and picture.samples is not None:
        return _by_hand(picture, data)
    if isinstance(picture, TiffImageFile):
        return _pieces(picture) + pixels * _stored(picture)  # it may have to be turned
    if isinstance(picture, AvifImageFile):
        return pixels * 12  # planes of up to 16 bits, and the pixels as bytes
    if isinstance(picture, Jpeg2KImageFile):
        return _wavelets(data)
    if picture.format == "HEIF":
        return pixels * 12  # as AVIF
    if isinstance(picture, BmpImageFile):
        return pixels * 4  # the bytes that runs were unrolled to
    if isinstance(picture, FlatPsd):
        deep = pixels * 4 * picture.numbers_of if picture.numbers_of > 1 else 0
        return deep + 2 * len(data) * picture.is_rewritten
    if is_animation(picture):
        return pixels * 8  # a frame to put back, and the one before
    return 0


def has_scans(picture: JpegImageFile, data: bytes) -> bool:
    """Whether a JPEG that was just opened comes in several scans, by its header and the first."""
    assert picture.fp is not None
    start = picture.fp.tell()  # where the header of the first scan stands
    in_first = int.from_bytes(data[start + 2 : start + 3])
    return bool(picture.info.get("progressive")) or in_first < picture.layers


def _coefficients(picture: JpegImageFile, data: bytes, pixels: int) -> int:
    """A JPEG that comes in several scans is kept as 16-bit coefficients until all have come."""
    if not has_scans(picture, data):
        return 0
    most = max((wide * high for _, high, wide, _ in picture.layer), default=1)
    samples = sum(wide * high / max(1, most) for _, high, wide, _ in picture.layer)
    return int(2 * pixels * samples)


def _by_hand(picture: AnyTiff, data: bytes) -> int:
    """Samples as bytes, the file once more, and the picture before it is turned."""
    assert picture.samples is not None
    pieces = len(picture.tag_v2.get(STRIPOFFSETS, picture.tag_v2.get(TILEOFFSETS, ())))
    pixels = picture.width * picture.height
    return picture.samples.memory + len(data) + pixels * _stored(picture) + pieces * PIECE + HAND


def _wavelets(data: bytes) -> int:
    """Coefficients of the largest tile, which OpenJPEG keeps as 32 bits, and all tiles' tables."""
    stream = codestream_of(data)
    tile = min(stream.width, stream.tile_width) * min(stream.height, stream.tile_height)
    return tile * stream.channels * WAVELET + stream.tiles * TILE


def _pieces(picture: TiffImageFile) -> int:
    """A strip or tile is unpacked whole, and once more where its colours are turned."""
    tags = picture.tag_v2
    bits = tags.get(BITSPERSAMPLE, (1,))
    samples = max(len(bits), int(tags.get(SAMPLESPERPIXEL, 1)))
    width = int(tags.get(TILEWIDTH, picture.width))
    height = int(tags.get(TILELENGTH, min(tags.get(ROWSPERSTRIP, picture.height), picture.height)))
    return int(width * height * (max(bits) / 8 * samples + 4)) + len(picture.tile) * PIECE
