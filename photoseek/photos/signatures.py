"""What a file is by its first bytes, whatever its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from photoseek.errors import NotAPhotoError
from photoseek.helpers.extras import has_extra, without
from photoseek.photos.bitmaps import AnyBmp
from photoseek.photos.heif import opened_heic
from photoseek.photos.jpeg_ends import WholeJpeg
from photoseek.photos.photoshop import FlatPsd
from photoseek.photos.tiff_pixels import AnyTiff

MOST_JUNK = 4_000
"""Bytes of text before a picture: a blank line, a byte order mark, a notice of a web server."""

MOST_BINARY_JUNK = 128
"""Bytes of any kind before a JPEG, such as the header of an old Mac."""

START = 4_096
"""Bytes of a file by which a picture is known."""

_READABLE = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, Photoshop and JPEG 2000"

Plugin = Callable[[BinaryIO], ImageFile]


class Kind(NamedTuple):
    """The name of a format, what opens it (None for a raw picture), and where it begins."""

    name: str
    plugin: Plugin | None
    start: int = 0


_SIGNATURES: tuple[tuple[bytes, str, Plugin], ...] = (
    (b"\xff\xd8\xff", "JPEG", WholeJpeg),
    (b"\x89PNG\r\n\x1a\n", "PNG", PngImageFile),
    (b"GIF87a", "GIF", GifImageFile),
    (b"GIF89a", "GIF", GifImageFile),
    (b"II*\0", "TIFF", AnyTiff),
    (b"MM\0*", "TIFF", AnyTiff),
    (b"II+\0", "TIFF", AnyTiff),
    (b"MM\0+", "TIFF", AnyTiff),
    (b"BM", "BMP", AnyBmp),
    (b"BA", "BMP", AnyBmp),
    (b"8BPS\0\1", "Photoshop", FlatPsd),
    (b"8BPS\0\2", "Photoshop", FlatPsd),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", Jpeg2KImageFile),
    (b"\xff\x4f\xff\x51", "JPEG 2000", Jpeg2KImageFile),
)

_BEHIND_JUNK = tuple(signature for signature in _SIGNATURES[:4])
"""Those that are long enough not to be found by chance."""

_RAW = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FUJIFILMCCD-RAW", b"\0MRM", b"FOVb")
"""Olympus, Panasonic and Leica, Fujifilm, Minolta, Sigma; the others are kinds of TIFF."""

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%pdf", "a PDF document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML file, perhaps an SVG drawing"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)


def kind_of(data: bytes) -> Kind:
    """What the bytes of a file are; its first START bytes are enough.

    Raises:
        NotAPhotoError: no photo, or one that nothing here reads.
    """
    for signature, name, plugin in _SIGNATURES:
        if data.startswith(signature):
            return Kind(name, plugin)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind("WebP", WebPImageFile)
    if data.startswith(_RAW) or data[6:14] == b"HEAPCCDR":
        return raw_kind()
    if data[4:8] == b"ftyp" and (kind := _of_brands(data)) is not None:
        return kind
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, what in _FOREIGN:
        if data.startswith(signature) or start.startswith(signature):
            raise NotAPhotoError(f"File is {what}, not a photo. photoseek reads {_READABLE}.")
    if (kind := _behind_junk(data)) is not None:
        return kind
    raise NotAPhotoError(f"File is no picture in a known format. photoseek reads {_READABLE}.")


def raw_kind() -> Kind:
    """The kind of a raw picture, where such can be read.

    Raises:
        NotAPhotoError: the extra for it is not installed.
    """
    if not has_extra("raw"):
        raise NotAPhotoError(f"{without('raw', for_anybody=True)} (or save it as JPEG)")
    return Kind("RAW", None)


def _of_brands(data: bytes) -> Kind | None:
    """The kind of a file whose first box lists what a reader may treat it as."""
    brands = data[8 : max(12, min(int.from_bytes(data[:4], "big"), 256))]
    if b"avif" in brands or b"avis" in brands:
        return Kind("AVIF", AvifImageFile)
    if b"crx " in brands:
        return raw_kind()
    if not any(brand in brands for brand in (b"hei", b"hev", b"mif1", b"msf1")):
        return None
    if not has_extra("heic"):
        raise NotAPhotoError(
            f"{without('heic', for_anybody=True)} (or save it as JPEG, or have the phone do so)"
        )
    return Kind("HEIC", opened_heic)


def _behind_junk(data: bytes) -> Kind | None:
    """A picture behind bytes that do not belong to it, as servers and editors put there."""
    found = [
        Kind(name, plugin, at)
        for signature, name, plugin in _BEHIND_JUNK
        if (at := data.find(signature, 0, MOST_JUNK + len(signature))) >= 0
    ]
    if not found:
        return None
    first = min(found, key=lambda kind: kind.start)
    before = data[: first.start]
    is_text = all(byte >= 32 or byte in b"\t\r\n" for byte in before)
    is_short = first.name == "JPEG" and len(before) <= MOST_BINARY_JUNK  # an icon may hold a PNG
    return first if is_text or is_short else None
