"""JPEGs without their end marker: whole but for it, or cut short?

Cameras that lose power, servers and editors leave the two bytes out, or only the last, or zeros
in their place, and every viewer shows such a picture whole. libjpeg cannot tell one from a picture
that is really cut: it goes on with grey. So it is decoded twice, with the end right behind its
bytes, and with noise between. Where nothing is missing, nobody looks at the noise.
"""

from __future__ import annotations

import hashlib
import io
import random
from typing import Any, BinaryIO

from PIL import Image

from photoseek.compat.pillow import PlainJpeg
from photoseek.photos.headers import jpeg_markers, start_of_scan

END = b"\xff\xd9"

_NOISE = bytes(random.Random(8).choices(range(255), k=4_096))
"""No byte is 255, so that no marker stands in it."""

_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)


def without_end(data: bytes) -> bytes | None:
    """A JPEG up to the last of its pixels, where no end marker follows; None where one does."""
    if data.endswith(END) or data.find(END, start_of_scan(data)) >= 0:
        return None
    body = data.rstrip(b"\0")
    # A byte of 255 is followed by a zero, as it is here again; half a marker does no harm there.
    return body + b"\0" if body.endswith(b"\xff") else body


class EndlessJpeg(PlainJpeg):
    """A JPEG that has lost its end marker; `load` refuses one that has lost more."""

    def __init__(self, file: BinaryIO) -> None:
        """`file` has what `without_end` gave."""
        self._body = file.read()
        self._drafted: tuple[int, int] | None = None
        super().__init__(io.BytesIO(self._body + END))

    def draft(
        self, mode: str | None, size: tuple[int, int] | None
    ) -> tuple[str, tuple[int, int, float, float]] | None:
        """Remember the size, for the second time."""
        self._drafted = size
        return super().draft(mode, size)

    def load(self) -> Any:
        """Decode it.

        Raises:
            OSError: pixels are missing.
        """
        is_first = bool(self.tile)
        pixels = super().load()
        if is_first and not (_has_all_scans(self._body) and self._is_whole()):
            raise OSError("image file is truncated")
        return pixels

    def _is_whole(self) -> bool:
        with PlainJpeg(io.BytesIO(self._body + _NOISE + END)) as noisy:
            noisy.draft("RGB", self._drafted)
            noisy.load()
            return _digest(noisy) == _digest(self)


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


def _digest(picture: Image.Image) -> bytes:
    """A hash of all pixels, without a copy of them all."""
    digest = hashlib.blake2b()
    rows = max(1, 1_000_000 // picture.width)
    for upper in range(0, picture.height, rows):
        lower = min(upper + rows, picture.height)
        digest.update(picture.crop((0, upper, picture.width, lower)).tobytes())
    return digest.digest()
