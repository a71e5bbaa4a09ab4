"""Which picture formats are read, how they are recognised, and what is refused unopened.

Formats are told by their first bytes, never by a name. Pillow's plugins are called directly
instead of through `Image.open`: this keeps every other format out, tells a damaged picture from
something that is no picture, and leaves the number of pixels to our limit instead of to the
process-wide `Image.MAX_IMAGE_PIXELS`, which is not touched.
"""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Image import DecompressionBombError
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TILELENGTH, TILEWIDTH, TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from photoseek.compat.pillow import PlainJpeg
from photoseek.errors import (
    DamagedPhotoError,
    NotAPhotoError,
    OversizedPhotoError,
    PhotoError,
)
from photoseek.photos import headers
from photoseek.photos.memory_budget import has_scans, memory_of, webp_memory

_log = logging.getLogger(__name__)

MOST_SIDE = 65_535
"""Pixels. JPEG and GIF hold no more, and a line costs memory however few pixels it has."""

BYTES_A_PIXEL = 20
"""The most that a decoder takes of memory is 16 bytes (WebP, AVIF) for each pixel of a picture."""


READABLE = "JPEG, PNG, WebP, GIF, BMP, TIFF and AVIF"

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"8BPS", "a Photoshop document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML file, perhaps an SVG drawing"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)


BAD_BYTES = (
    OSError,  # truncated data, a broken stream
    SyntaxError,  # a broken header, PNG chunk or EXIF block
    ValueError,  # absurd values, text chunks that inflate too far
    TypeError,  # tags of the wrong kind
    LookupError,  # missing tags, short palettes
    ArithmeticError,  # sizes that overflow, fractions over zero
    EOFError,  # no first frame
    RuntimeError,  # AVIF
    struct.error,  # EXIF that ends within its first bytes
)
"""What Pillow's plugins raise over bad bytes, each with habits of its own, as fuzzing shows."""

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


_SIGNATURES: tuple[tuple[bytes, str, type[ImageFile]], ...] = (
    (b"\xff\xd8\xff", "JPEG", PlainJpeg),
    (b"\x89PNG\r\n\x1a\n", "PNG", PngImageFile),
    (b"GIF87a", "GIF", GifImageFile),
    (b"GIF89a", "GIF", GifImageFile),
    (b"II*\0", "TIFF", TiffImageFile),
    (b"MM\0*", "TIFF", TiffImageFile),
    (b"II+\0", "TIFF", TiffImageFile),
    (b"MM\0+", "TIFF", TiffImageFile),
    (b"BM", "BMP", BmpImageFile),
)


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
    if not data:
        raise DamagedPhotoError("File is empty (0 bytes).")
    if len(data) > limits.max_megabytes * 1e6:
        raise OversizedPhotoError.of_bytes(len(data), int(limits.max_megabytes * 1e6))
    plugin, name = _recognise(data)
    with ExitStack() as stack:
        if plugin is WebPImageFile:  # its decoder makes room for the canvas as it opens
            canvas = headers.webp_canvas(data)
            _check_size(canvas, limits)
            stack.enter_context(room(_checked(webp_memory(canvas, len(data)), name, limits)))
        with damage_explained(name):
            _check_header(data, name)
            picture = stack.enter_context(plugin(io.BytesIO(data)))
            _check_size(picture.size, limits)
            if isinstance(picture, TiffImageFile):
                _check_tile(picture, limits)
            if isinstance(picture, JpegImageFile) and has_scans(picture, data):
                headers.check_scans(data)
            size = picture.size
            picture.draft("RGB", drafted(*size))
            memory = _checked(memory_of(picture, data, size), name, limits)
        if plugin is not WebPImageFile:
            stack.enter_context(room(memory))
        with damage_explained(name):
            yield Opened(picture, name, size)


def check_start(start: bytes) -> None:
    """Raise NotAPhotoError unless a file that begins so may be a picture; 256 bytes are enough."""
    _recognise(start)


@contextmanager
def damage_explained(name: str) -> Iterator[None]:
    """Turn what Pillow raises over bad bytes into a PhotoError that names the format."""
    try:
        yield
    except (DecompressionBombError, MemoryError) as error:
        raise OversizedPhotoError(
            f"{name} picture is too large for its decoder ({_reason(error)})."
        ) from error
    except BAD_BYTES as error:
        raise DamagedPhotoError(
            f"{name} picture is damaged, cut short or of a rare kind ({_reason(error)})."
        ) from error
    except PhotoError:
        raise
    except Exception as error:  # it still belongs to this photo, and stops no other
        _log.exception("Decoding a %s picture failed in an unknown way", name)
        raise DamagedPhotoError(f"{name} picture cannot be decoded ({_reason(error)}).") from error


def _recognise(data: bytes) -> tuple[type[ImageFile], str]:
    for signature, name, plugin in _SIGNATURES:
        if data.startswith(signature):
            return plugin, name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WebPImageFile, "WebP"
    if data[4:8] == b"ftyp":
        # The box lists the brands that a reader may treat the file as.
        brands = data[8 : max(12, min(int.from_bytes(data[:4], "big"), 256))]
        if b"avif" in brands or b"avis" in brands:
            return AvifImageFile, "AVIF"
        if any(brand in brands for brand in (b"hei", b"hev", b"mif1", b"msf1")):
            raise NotAPhotoError(
                "HEIC pictures cannot be read. Convert it to JPEG, or let the phone save JPEG."
            )
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, what in _FOREIGN:
        if data.startswith(signature) or start.startswith(signature):
            raise NotAPhotoError(f"File is {what}, not a photo. photoseek reads {READABLE}.")
    raise NotAPhotoError(f"File is no picture in a known format. photoseek reads {READABLE}.")


def _check_header(data: bytes, name: str) -> None:
    if name == "JPEG":
        headers.check_jpeg(data)
    elif name == "PNG":
        headers.check_png(data)
    elif name == "TIFF":
        headers.check_tiff(data)


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


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())[:120]
    if any(character.isalpha() for character in text):
        return text
    return f"{type(error).__name__} {text}".strip()
