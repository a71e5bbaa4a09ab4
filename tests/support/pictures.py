"""Pictures made for the tests: one drawing, saved in every way that a photo may come."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from photoseek.photos import InputShape

SHAPE = InputShape(size=32)


def drawing(width: int = 96, height: int = 64) -> Image.Image:
    """A smooth picture whose four corners differ: red, green, blue and yellow-white."""
    across = np.linspace(0, 1, width)[None, :, None]
    down = np.linspace(0, 1, height)[:, None, None]
    red, green, blue, pale = (
        np.array(colour, dtype=float)
        for colour in ((220, 30, 30), (30, 200, 40), (30, 40, 210), (240, 240, 160))
    )
    top = red * (1 - across) + green * across
    bottom = blue * (1 - across) + pale * across
    return Image.fromarray((top * (1 - down) + bottom * down).round().astype(np.uint8))


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = "a description"
    return tags


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def wide_profile() -> bytes:
    """An sRGB profile with red and green exchanged: no eye could miss whether it was used."""
    profile = bytearray(srgb_profile())
    table = {
        bytes(profile[start : start + 4]): start
        for start in range(132, 132 + 12 * profile[131], 12)
    }
    red, green = table[b"rXYZ"], table[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)


def tiff_header(tags: dict[int, int]) -> bytes:
    """A grey TIFF, compressed so that libtiff reads it, with these tags and no pixels."""
    tags = {258: 8, 259: 5, 262: 1, 273: 8, 277: 1, 279: 100, 324: 8, 325: 100} | tags
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0" * 4


def png16(pixels: np.ndarray[Any, np.dtype[np.uint16]]) -> bytes:
    """A PNG of 16 bits a channel in RGB, which Pillow cannot write."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def palette(picture: Image.Image) -> Image.Image:
    return picture.quantize(64)


def see_through(picture: Image.Image) -> Image.Image:
    """The picture with its right half fully transparent, over a black that must not be seen."""
    clear = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    half = (0, 0, picture.width // 2, picture.height)
    clear.paste(picture.crop(half), half)
    return clear


@cache
def every_format() -> dict[str, bytes]:
    """One small file of each kind, for tests that break them."""
    picture = drawing()
    clear = see_through(picture)
    frames = {"save_all": True, "append_images": [picture.rotate(90), picture.rotate(180)]}
    marks = {"exif": exif(6), "icc_profile": srgb_profile()}
    files = {
        "jpeg": saved(picture, "JPEG", **marks),
        "progressive jpeg": saved(picture, "JPEG", progressive=True, **marks),
        "grey jpeg": saved(picture.convert("L"), "JPEG"),
        "cmyk jpeg": saved(picture.convert("CMYK"), "JPEG"),
        "png": saved(picture, "PNG", **marks),
        "palette png": saved(palette(picture), "PNG", transparency=3),
        "apng": saved(picture, "PNG", **frames),
        "webp": saved(picture, "WEBP", **marks),
        "lossless webp": saved(clear, "WEBP", lossless=True),
        "animated webp": saved(picture, "WEBP", **frames),
        "gif": saved(palette(picture), "GIF", transparency=3),
        "animated gif": saved(picture, "GIF", **frames),
        "bmp": saved(picture, "BMP"),
        "palette bmp": saved(palette(picture), "BMP"),
        "avif": saved(picture, "AVIF", speed=10, **marks),
        "animated avif": saved(picture, "AVIF", speed=10, **frames),
        "grey tiff": saved(picture.convert("L"), "TIFF"),
        "float tiff": saved(picture.convert("F"), "TIFF"),
        "cmyk tiff": saved(picture.convert("CMYK"), "TIFF"),
    }
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        files[f"{compression} tiff"] = saved(picture, "TIFF", compression=compression, **marks)
    return files
