"""BMP files of every kind that Windows and OS/2 programs have written."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from photoseek.errors import DamagedPhotoError
from tests.support.decoded import looks_like, read, shown
from tests.support.picture_kinds import bitmap
from tests.support.pictures import drawing, saved

PLAIN = saved(drawing(), "BMP")
RGB = np.asarray(drawing()).astype(np.uint32)
RED, GREEN, BLUE = (RGB[..., channel] for channel in range(3))


ALPHA = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
COLOURS = RED << 16 | GREEN << 8 | BLUE


@pytest.mark.parametrize("size", [56, 108, 124])
def test_alpha_that_was_never_written_is_no_transparency(size: int) -> None:
    assert looks_like(bitmap(COLOURS, 32, ALPHA, size), PLAIN)
    half = COLOURS | np.where(np.arange(96) < 48, 0xFF000000, 0).astype(np.uint32)[None, :]
    pixels = shown(bitmap(half, 32, ALPHA, size))
    assert pixels[:, 52:].min() > 240
    assert pixels[:, :44].min() < 100


def test_a_png_that_is_all_clear_stays_so() -> None:
    clear = drawing().convert("RGBA")
    clear.putalpha(0)
    assert shown(saved(clear, "PNG")).min() > 250


@pytest.mark.parametrize(
    ("bits", "masks", "numbers"),
    [
        (16, (0xF00, 0xF0, 0xF), RED >> 4 << 8 | GREEN >> 4 << 4 | BLUE >> 4),
        (16, (0x1F, 0x7E0, 0xF800), RED >> 3 | GREEN >> 2 << 5 | BLUE >> 3 << 11),
        (32, (0x3FF00000, 0xFFC00, 0x3FF), RED << 22 | GREEN << 12 | BLUE << 2),
        (32, (0xFF00, 0xFF, 0xFF0000), RED << 8 | GREEN | BLUE << 16),
        (32, (0xFF, 0xFF00, 0xFF0000), RED | GREEN << 8 | BLUE << 16),
    ],
    ids=["4-4-4", "BGR 5-6-5", "10-10-10", "mixed", "RGB"],
)
def test_odd_bit_fields(bits: int, masks: tuple[int, ...], numbers: np.ndarray) -> None:
    most = 12 if masks[2] == 0xF else 6
    assert looks_like(bitmap(numbers, bits, masks), PLAIN, most)
    assert looks_like(bitmap(numbers, bits, (*masks, 0), 56), PLAIN, most)


def test_odd_bit_fields_with_alpha() -> None:
    numbers = RED << 8 | GREEN | BLUE << 16 | np.uint32(0xFF000000)
    assert looks_like(bitmap(numbers, 32, (0xFF00, 0xFF, 0xFF0000, 0xFF000000), 56), PLAIN)


def test_bit_fields_with_alpha_behind_the_short_header() -> None:
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    numbers = COLOURS | np.uint32(0xFF000000)
    assert looks_like(bitmap(numbers, 32, masks, compression=6), PLAIN)


def test_odd_bit_fields_cut_short() -> None:
    data = bitmap(COLOURS >> 4, 16, (0xF00, 0xF0, 0xF))
    with pytest.raises(DamagedPhotoError, match="its data end too early"):
        read(data[:-500])


def test_an_array_of_bitmaps_shows_its_first() -> None:
    start = int.from_bytes(PLAIN[10:14], "little") + 14
    inner = PLAIN[:10] + start.to_bytes(4, "little") + PLAIN[14:]
    data = b"BA" + struct.pack("<IIHH", 14, 0, 640, 480) + inner
    assert looks_like(data, PLAIN)
    with pytest.raises(DamagedPhotoError, match="no picture in an array"):
        read(data[:14] + b"IC" + data[16:])
