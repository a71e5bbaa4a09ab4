"""Opening a picture: what is refused by its header, and what must be mended before.

Formats are told by their first bytes, never by a name (`signatures`). Pillow's plugins are called
directly instead of through `Image.open`: this keeps every other format out, tells a damaged picture
from something that is no picture, and leaves the number of pixels to our limit instead of to the
process-wide `Image.MAX_IMAGE_PIXELS`, which is not touched.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TILELENGTH, TILEWIDTH, TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from photoseek.errors import DamagedPhotoError, OversizedPhotoError
from photoseek.helpers.giving_way import pause_for_others
from photoseek.photos import headers
from photoseek.photos.bad_bytes import damage_explained
from photoseek.photos.jpeg_ends import WholeJpeg
from photoseek.photos.memory_budget import has_scans, memory_of, webp_memory
from photoseek.photos.png_chunks import without_burden
from photoseek.photos.raw import preview_of
from photoseek.photos.signatures import Kind, kind_of, raw_kind
from photoseek.photos.tiff_directories import check_tiff, is_raw, photo_first

MOST_SIDE = 65_535
"""Pixels. JPEG and GIF hold no more, and a line costs memory however few pixels it has."""

BYTES_A_PIXEL = 20
"""The most that a decoder takes of memory is 16 bytes (WebP, AVIF) for each pixel of a picture."""

Room = Callable[[int], AbstractContextManager[None]]
"""A context, entered with the bytes that a picture is about to take, and left when it is done."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may measure: millions of bytes, and millions of pixels."""

    max_megabytes: float = 64
    max_megapixels: float = 100

    @property
    def memory(self) -> int:
        """The bytes of memory that one picture may take, from its header to its vector."""
        return int((self.max_megapixels * BYTES_A_PIXEL + self.max_megabytes) * 1e6)


class Opened(NamedTuple):
    """A picture whose pixels are not read yet, the name of its format, and its size as it is."""

    picture: ImageFile
    name: str
    size: tuple[int, int]


@contextmanager
def opened_picture(
    data: bytes,
    limits: ImageLimits,
    room: Room = lambda _: nullcontext(),
    drafted: Callable[[int, int], tuple[int, int]] = lambda *size: size,
) -> Iterator[Opened]:
    """Read the header and no pixels yet.

    `drafted` gives, for the width and height, those at which a JPEG is decoded. Inside, `room`
    has been entered with the bytes of memory that decoding may take. Whatever is raised there
    becomes one of NotAPhotoError, DamagedPhotoError and OversizedPhotoError, except for what
    `room` itself raises.
    """
    pause_for_others()  # before memory is kept from them
    if not data:
        raise DamagedPhotoError("File is empty (0 bytes).")
    if len(data) > limits.max_megabytes * 1e6:
        raise OversizedPhotoError.of_bytes(len(data), int(limits.max_megabytes * 1e6))
    kind = kind_of(data)
    data, kind = _prepared(data[kind.start :] if kind.start else data, kind)
    name, plugin = kind.name, kind.plugin
    with ExitStack() as stack:
        if plugin is WebPImageFile:  # its decoder makes room for the canvas as it opens
            canvas = headers.webp_canvas(data)
            _check_size(canvas, limits)
            stack.enter_context(room(_checked(webp_memory(canvas, len(data)), name, limits)))
        with damage_explained(name):
            assert plugin is not None
            picture = stack.enter_context(plugin(io.BytesIO(data)))
            _check_size(picture.size, limits)
            if isinstance(picture, TiffImageFile):
                _check_tile(picture, limits)
            if isinstance(picture, JpegImageFile) and has_scans(picture, data):
                headers.check_scans(data)
            size = picture.size
            if isinstance(picture, JpegImageFile):
                picture.draft("RGB", drafted(*size))
            memory = _checked(memory_of(picture, data, size), name, limits)
        if plugin is not WebPImageFile:
            stack.enter_context(room(memory))
        with damage_explained(name):
            yield Opened(picture, name, size)


def check_start(start: bytes) -> None:
    """Raise NotAPhotoError unless a file that begins so may be a picture: START bytes do."""
    kind_of(start)


def _prepared(data: bytes, kind: Kind) -> tuple[bytes, Kind]:
    """The bytes without what would keep Pillow from the photo in them, and what opens them.

    Raises:
        PhotoError: the header claims what no program writes, or no photo is in there.
    """
    with damage_explained(kind.name):
        if kind.name == "TIFF" and is_raw(data):
            kind = raw_kind()
        if kind.plugin is None:
            data, kind = preview_of(data), Kind(kind.name, WholeJpeg)
        if kind.plugin is WholeJpeg:
            headers.check_jpeg(data)
        elif kind.name == "PNG":
            data = without_burden(data)
        elif kind.name == "TIFF":
            data = photo_first(data)
            check_tiff(data)
        elif kind.name == "JPEG 2000":
            headers.codestream_of(data)
    return data, kind


def _check_size(size: tuple[int, int], limits: ImageLimits) -> None:
    megapixels = size[0] * size[1] / 1e6
    if megapixels > limits.max_megapixels:
        raise OversizedPhotoError(
            f"Image is {megapixels:,.0f} MP; the limit is {limits.max_megapixels:g} MP. "
            "Raise PHOTOSEEK_MAX_MEGAPIXELS."
        )
    if max(size) > MOST_SIDE:
        raise OversizedPhotoError(
            f"Image is {size[0]:,} x {size[1]:,} pixels; a side may have {MOST_SIDE:,} at most. "
            "Cut it into pieces, or make it smaller."
        )


def _check_tile(picture: TiffImageFile, limits: ImageLimits) -> None:
    """Refuse a small TIFF that claims a huge tile, for which libtiff would make room."""
    width, height = picture.tag_v2.get(TILEWIDTH, 0), picture.tag_v2.get(TILELENGTH, 0)
    _check_size((int(width), int(height)), limits)


def _checked(memory: int, name: str, limits: ImageLimits) -> int:
    if memory > limits.memory:
        raise OversizedPhotoError(
            f"{name} picture would take {memory / 1e6:,.0f} MB of memory; the limit is "
            f"{limits.memory / 1e6:,.0f} MB. Save it as JPEG, or raise PHOTOSEEK_MAX_MEGAPIXELS."
        )
    return memory
