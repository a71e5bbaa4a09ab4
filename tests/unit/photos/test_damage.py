"""Bytes that are no good give a PhotoError with a sentence, and never anything else."""

from __future__ import annotations

import random
import re
import struct
import zlib

import pytest
from PIL import Image

from photoseek.errors import (
    DamagedPhotoError,
    NotAPhotoError,
    OversizedPhotoError,
    PhotoError,
)
from photoseek.photos import ImageLimits, decode
from photoseek.photos.bad_bytes import BadBytesError, damage_explained
from tests.support.pictures import (
    SHAPE,
    chunk,
    drawing,
    every_format,
    png_header,
    saved,
    tiff_header,
)

FILES = every_format()


_LIBRARIES = re.compile(r"runcated|decoder|data stream|broken PNG|chunk|BMFF|Missing|b'|Error")
"""What Pillow and its decoders say."""


def read(data: bytes, **limits: float) -> None:
    decode(data, SHAPE, ImageLimits(**limits))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Dear photo,\nhow are you?", "no picture in a known format"),
        (b"\n <!DOCTYPE html><html>", "a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"\xff\x0a\0\0", "JPEG XL"),
        (b"x", "no picture in a known format"),
        (saved(drawing(), "PPM"), "no picture in a known format"),
        (saved(drawing(), "ICO"), "no picture in a known format"),
    ],
)
def test_other_files_are_named(data: bytes, words: str) -> None:
    with pytest.raises(NotAPhotoError, match=words):
        read(data)


def test_nothing_at_all() -> None:
    with pytest.raises(DamagedPhotoError, match="empty"):
        read(b"")


@pytest.mark.parametrize(("name", "data"), FILES.items())
def test_truncated_files_are_errors_and_not_half_grey(name: str, data: bytes) -> None:
    for kept in (0.3, 0.6, 0.9):
        if "animated" in name or "tiff" in name or name == "apng":
            kept = 0.1  # later frames or metadata may be all that is lost
        with pytest.raises(PhotoError):
            read(data[: int(len(data) * kept)])


def _told(data: bytes) -> str:
    """What is said of these bytes; nothing where they can be read."""
    try:
        read(data)
    except PhotoError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("name", "data"), FILES.items())
def test_no_library_speaks_in_an_error(name: str, data: bytes) -> None:
    rng = random.Random(name)
    for kept in range(1, 10):
        spoilt = bytearray(data[: len(data) * kept // 10])
        for _ in range(kept % 4):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        assert not _LIBRARIES.search(_told(bytes(spoilt)))


def test_our_own_reason_is_told() -> None:
    with (
        pytest.raises(DamagedPhotoError, match=r"rare kind \(in words of ours\)\.$"),
        damage_explained("TIFF"),
    ):
        raise BadBytesError("in words of ours")


def test_truncated_jpeg_says_so() -> None:
    data = saved(drawing(640, 480), "JPEG")
    with pytest.raises(DamagedPhotoError, match="JPEG picture is damaged.*its data end too early"):
        read(data[: len(data) // 2])


def test_huge_header_is_refused_before_pixels_are_made() -> None:
    with pytest.raises(OversizedPhotoError) as caught:
        read(png_header(65_535, 65_535) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)))
    assert str(caught.value) == (
        "Image is 4,295 MP; the limit is 100 MP. Raise PHOTOSEEK_MAX_MEGAPIXELS."
    )


def _webp(kind: bytes, body: bytes) -> bytes:
    inner = b"WEBP" + kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


@pytest.mark.parametrize(
    "data",
    [
        _webp(b"VP8X", b"\0\0\0\0" + b"\xff\x3f\0" * 2 + b"\0" * 40),
        _webp(b"VP8L", b"\x2f" + struct.pack("<I", 0x0FFFFFFF) + b"\0" * 40),
        _webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 16383, 16383) + b"\0" * 40),
        b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\0\0\0,\0\0\0\0\1\0\1\0\0\2\2L\1\0;",
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 100, 0, 54, 40, 30000, 30000, 1, 24, *[0] * 6),
    ],
    ids=["VP8X", "VP8L", "VP8", "GIF", "BMP"],
)
def test_bombs_of_other_formats(data: bytes) -> None:
    with pytest.raises(OversizedPhotoError, match="Image is .* MP; the limit is 100 MP"):
        read(data)


def test_tiff_bombs() -> None:
    with pytest.raises(OversizedPhotoError, match="limit is 100 MP"):
        read(tiff_header({256: 60_000, 257: 60_000}))
    with pytest.raises(OversizedPhotoError, match="limit is 100 MP"):
        read(tiff_header({256: 16, 257: 16, 322: 60_000, 323: 60_000}))


def test_frame_larger_than_the_screen_of_its_gif() -> None:
    data = b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0" + struct.pack("<HH", 65535, 65535) + b"\0\2\2L\1\0;"
    with pytest.raises(OversizedPhotoError, match="MP|too large"):
        read(data)


def test_limit_on_bytes() -> None:
    data = saved(drawing(300, 300), "BMP")
    with pytest.raises(OversizedPhotoError) as caught:
        read(data, max_megabytes=0.2)
    assert str(caught.value) == (
        "File is 0.3 MB; the limit is 0.2 MB. Raise PHOTOSEEK_MAX_MEGABYTES."
    )


def test_limit_of_pixels_is_ours_and_not_pillows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4000)  # it warns at this and raises at twice
    data = saved(drawing(96, 64), "PNG")
    read(data)
    with pytest.raises(OversizedPhotoError):
        read(data, max_megapixels=0.006)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    for form in ("PNG", "JPEG", "GIF", "BMP", "AVIF"):
        read(saved(drawing(96, 64), form))


def test_jpeg_with_endless_scans() -> None:
    data = saved(drawing(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(DamagedPhotoError, match="scans"):
        read(data[:-2] + data[last:-2] * 120 + data[-2:])
