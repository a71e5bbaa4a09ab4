"""Which picture formats are read, how they are recognised, and what is refused unopened.

Formats are told by their first bytes, never by a name. Pillow's plugins are called directly
instead of through `Image.open`: this keeps every other format out, tells a damaged picture from
something that is no picture, and leaves the number of pixels to our limit instead of to the
process-wide `Image.MAX_IMAGE_PIXELS`, which is not touched.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Image import DecompressionBombError
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TILELENGTH, TILEWIDTH, TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from photoseek.errors import DamagedPhotoError, NotAPhotoError, OversizedPhotoError

MOST_SCANS = 100
"""A progressive JPEG has about ten scans. Thousands of empty ones are a way to burn hours."""

READABLE = "JPEG, PNG, WebP, GIF, BMP, TIFF and AVIF"

_SIGNATURES: tuple[tuple[bytes, str, type[ImageFile]], ...] = (
    (b"\xff\xd8\xff", "JPEG", JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", "PNG", PngImageFile),
    (b"GIF87a", "GIF", GifImageFile),
    (b"GIF89a", "GIF", GifImageFile),
    (b"II*\0", "TIFF", TiffImageFile),
    (b"MM\0*", "TIFF", TiffImageFile),
    (b"II+\0", "TIFF", TiffImageFile),
    (b"MM\0+", "TIFF", TiffImageFile),
    (b"BM", "BMP", BmpImageFile),
)

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


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may measure: millions of bytes, and millions of pixels."""

    max_megabytes: float = 64
    max_megapixels: float = 100


def open_picture(data: bytes, limits: ImageLimits) -> tuple[ImageFile, str]:
    """Read the header and no pixels yet; give the picture and the name of its format.

    Raises NotAPhotoError, DamagedPhotoError or OversizedPhotoError.
    """
    if not data:
        raise DamagedPhotoError("File is empty (0 bytes).")
    if len(data) > limits.max_megabytes * 1e6:
        raise OversizedPhotoError(
            f"File is {len(data) / 1e6:,.1f} MB; the limit is {limits.max_megabytes:g} MB. "
            "Raise PHOTOSEEK_MAX_MEGABYTES."
        )
    plugin, name = _recognise(data)
    if plugin is WebPImageFile:  # its decoder makes room for the canvas as it opens
        _check_pixels(_webp_canvas(data), limits)
    with damage_explained(name):
        picture = plugin(io.BytesIO(data))
        _check_pixels(picture.size, limits)
        if isinstance(picture, TiffImageFile):
            _check_tile(picture, limits)
    if picture.info.get("progressive") and data.count(b"\xff\xda") > MOST_SCANS:
        raise DamagedPhotoError(
            f"JPEG picture has more than {MOST_SCANS} scans, which no camera or program writes."
        )
    return picture, name


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


def _webp_canvas(data: bytes) -> tuple[int, int]:
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


def _check_pixels(size: tuple[int, int], limits: ImageLimits) -> None:
    megapixels = size[0] * size[1] / 1e6
    if megapixels > limits.max_megapixels:
        raise OversizedPhotoError(
            f"Image is {megapixels:,.0f} MP; the limit is {limits.max_megapixels:g} MP. "
            "Raise PHOTOSEEK_MAX_MEGAPIXELS."
        )


def _check_tile(picture: TiffImageFile, limits: ImageLimits) -> None:
    """Refuse a small TIFF that claims a huge tile, for which libtiff would make room."""
    width, height = picture.tag_v2.get(TILEWIDTH, 0), picture.tag_v2.get(TILELENGTH, 0)
    _check_pixels((int(width), int(height)), limits)


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())[:120]
    if any(character.isalpha() for character in text):
        return text
    return f"{type(error).__name__} {text}".strip()
