"""JPEGs whose last bytes are missing: whole but for the end marker, or cut short?

Cameras that lose power, servers and editors leave the marker out, or half of it, or zeros in its
place, and every viewer shows such a picture whole. Others put a marker behind a picture that is
cut. libjpeg tells neither of them from a sound one: where pixels are missing it goes on with grey.
So such a picture is decoded twice, with the end right behind its bytes, and with noise between.
Where nothing is missing, nobody looks at the noise.
"""

from __future__ import annotations

import hashlib
import io
import random
from typing import Any, BinaryIO

from PIL import Image

from photoseek.compat.pillow import PlainJpeg
from photoseek.photos.bad_bytes import BadBytesError
from photoseek.photos.headers import jpeg_markers, start_of_scan

END = b"\xff\xd9"

_NOISE = bytes(random.Random(8).choices(range(255), k=4_096))
"""No byte is 255, so that no marker stands in it."""

MOST_ZEROS = 4
"""Bytes at the end that are taken for pixels; those after them are padding."""

SMALL = (1, 1)
"""A size at which a JPEG is decoded as small as can be: an eighth."""

_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)


def without_end(data: bytes) -> bytes | None:
    """A JPEG up to the last of its pixels, where no end marker follows; None where one does."""
    if data.endswith(END) or data.find(END, start_of_scan(data)) >= 0:
        return None
    body = data.rstrip(b"\0")
    # Pixels may end in a few zeros. A byte of 255 is followed by one; half a marker is no harm so.
    zeros = max(min(len(data) - len(body), MOST_ZEROS), body.endswith(b"\xff"))
    return body + bytes(zeros)


class WholeJpeg(PlainJpeg):
    """A JPEG, with or without its end marker; `load` refuses one of which pixels are missing."""

    def __init__(self, file: BinaryIO) -> None:
        """`file` is read from here to its end."""
        self._data = file.read()
        body = without_end(self._data)
        self.lacks_end = body is not None
        if body is not None:
            self._data = body + END
        self._drafted: tuple[int, int] | None = None
        super().__init__(io.BytesIO(self._data))

    def draft(
        self, mode: str | None, size: tuple[int, int] | None
    ) -> tuple[str, tuple[int, int, float, float]] | None:
        """Remember the size, for the second time."""
        self._drafted = size
        return super().draft(mode, size)

    def load(self) -> Any:
        """Decode it.

        Raises:
            BadBytesError: pixels are missing.
        """
        is_first = bool(self.tile)
        pixels = super().load()
        if is_first and not self._is_whole():
            raise BadBytesError("its data end too early")
        return pixels

    def _is_whole(self) -> bool:
        if self.lacks_end:
            noisy = _pixels(self._with_noise(len(self._data) - len(END)), self._drafted)
            return _has_all_scans(self._data) and noisy == _digest(self)
        if not self._ends_in_grey():
            return True
        noisy = self._with_noise(self._data.find(END, start_of_scan(self._data)))
        return _pixels(noisy, SMALL) == _pixels(self._data, SMALL)

    def _with_noise(self, end: int) -> bytes:
        return b"".join((self._data[:end], _NOISE, END))

    def _ends_in_grey(self) -> bool:
        """Whether the lower right corner has the grey of pixels that never came."""
        width, height = self.size
        corner = self.crop((max(0, width - 2), max(0, height - 2), width, height))
        return set(corner.tobytes()) <= {127, 128}


def _has_all_scans(data: bytes) -> bool:
    """Whether each component has come with all of its coefficients, down to the last bit."""
    missing: dict[int, set[int]] = {}
    is_progressive = False
    for start, marker in jpeg_markers(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            is_progressive = marker in _PROGRESSIVE
            components = data[start + 10 : start + 10 + 3 * data[start + 9] : 3]
            missing = {component: set(range(64)) for component in components}
        elif marker == 0xDA:
            after = start + 5 + 2 * data[start + 4]
            first, last, bits = data[after : after + 3]
            for component in data[start + 5 : after : 2]:
                if not is_progressive:
                    missing[component] = set()
                elif not bits & 15:
                    missing[component] -= set(range(first, last + 1))
    return not any(missing.values())


def _pixels(data: bytes, size: tuple[int, int] | None) -> bytes:
    """A hash of the pixels of a JPEG that is decoded at about that size."""
    with PlainJpeg(io.BytesIO(data)) as picture:
        picture.draft("RGB", size)
        picture.load()
        return _digest(picture)


def _digest(picture: Image.Image) -> bytes:
    """A hash of all pixels, without a copy of them all."""
    digest = hashlib.blake2b()
    rows = max(1, 1_000_000 // picture.width)
    for upper in range(0, picture.height, rows):
        lower = min(upper + rows, picture.height)
        digest.update(picture.crop((0, upper, picture.width, lower)).tobytes())
    return digest.digest()
