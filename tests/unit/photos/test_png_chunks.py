"""PNGs with texts and profiles that are large, broken or bombs: their pixels are sound."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import numpy as np
import pytest

from photoseek.errors import DamagedPhotoError, NotAPhotoError
from photoseek.photos.png_chunks import without_burden
from tests.support.decoded import read
from tests.support.pictures import chunk, drawing, exif, saved, srgb_profile

PLAIN = saved(drawing(), "PNG")


def text(size: int) -> bytes:
    return bytes(32 + (place * 7) % 90 for place in range(997)) * (size // 997 + 1)


def bad_sum(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + b"\0\0\0\0"


def put(extra: bytes, before: bytes = b"IDAT", data: bytes = PLAIN) -> bytes:
    at = data.index(before) - 4
    return data[:at] + extra + data[at:]


BURDENS = {
    "zTXt": chunk(b"zTXt", b"workflow\0\0" + zlib.compress(text(3_000_000))),
    "iTXt": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(text(2_000_000))),
    "plain iTXt": chunk(b"iTXt", b"parameters\0\0\0\0\0" + text(2_000_000)),
    "tEXt": chunk(b"tEXt", b"cli\0" + text(10_000_000)),
    "iCCP": chunk(b"iCCP", b"press\0\0" + zlib.compress(text(1_500_000))),
    "many": b"".join(chunk(b"tEXt", b"k%d\0v" % number) for number in range(5_000)),
    "70 MB": chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 900_000)) * 80,
    "unknown packing": chunk(b"zTXt", b"a\0\7" + zlib.compress(b"x")),
    "profile of unknown packing": chunk(b"iCCP", b"a\0\7" + zlib.compress(b"x")),
    "broken text": chunk(b"zTXt", b"a\0\0" + b"nonsense" * 300),
    "wrong sum": bad_sum(b"tEXt", b"a\0b"),
    "wrong sum of resolution": bad_sum(b"pHYs", bytes(9)),
    "short gamma": chunk(b"gAMA", b"\0"),
    "short profile": chunk(b"iCCP", b"a"),
}


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
@pytest.mark.parametrize("name", BURDENS)
def test_the_pixels_are_shown(name: str, before: bytes) -> None:
    photo, plain = read(put(BURDENS[name], before)), read(PLAIN)
    assert np.array_equal(photo.pixels, plain.pixels)
    assert photo.thumbnail == plain.thumbnail


def test_a_bomb_does_not_cost_its_size() -> None:
    bomb = put(chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 80_000_000)) * 20)
    read(PLAIN)
    tracemalloc.start()
    read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(bomb) * 3 + 10_000_000


def test_what_is_small_is_kept() -> None:
    words = chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(text(100_000)))
    data = put(words, data=saved(drawing(), "PNG", exif=exif(6), icc_profile=srgb_profile()))
    assert without_burden(data) is data
    kept = without_burden(put(BURDENS["zTXt"], data=data))
    assert kept == data
    assert (read(kept).width, read(kept).height) == (64, 96)


def test_a_wrong_sum_of_the_picture_itself_is_damage() -> None:
    with pytest.raises(DamagedPhotoError):
        read(PLAIN.replace(PLAIN[29:33], b"\0\0\0\0"))


def test_png_of_an_iphone_app_is_named() -> None:
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    rows = b"".join(b"\0" + bytes(96 * 4) for _ in range(64))
    head = struct.pack(">IIBBBBB", 96, 64, 8, 6, 0, 0, 0)
    data = (
        PLAIN[:8]
        + chunk(b"CgBI", b"\x50\0\x20\2")
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", raw.compress(rows) + raw.flush())
        + chunk(b"IEND", b"")
    )
    with pytest.raises(NotAPhotoError, match="iPhone app .CgBI.*export it as PNG"):
        read(data)
