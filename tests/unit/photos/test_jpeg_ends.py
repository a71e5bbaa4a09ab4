"""JPEGs that have lost their end marker, or stand behind bytes that are not theirs."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from photoseek.errors import DamagedPhotoError, NotAPhotoError
from photoseek.photos import START, InputShape, check_start
from tests.support.decoded import SQUASHED, read
from tests.support.pictures import drawing, saved

WHOLE = {
    "baseline": saved(drawing(400, 300), "JPEG", quality=90),
    "progressive": saved(drawing(400, 300), "JPEG", quality=90, progressive=True),
    "large": saved(drawing(1600, 1200), "JPEG", quality=92),  # it is decoded small
    "large progressive": saved(drawing(1600, 1200), "JPEG", quality=92, progressive=True),
    "grey": saved(drawing(400, 300).convert("L"), "JPEG"),
    "cmyk": saved(drawing(400, 300).convert("CMYK"), "JPEG"),
    "black": saved(Image.new("RGB", (400, 300)), "JPEG"),
}


def ended_with_255() -> bytes:
    """A JPEG whose pixels end in a byte of 255, behind which a zero stands."""
    dice = np.random.default_rng(0)
    for _ in range(2_000):
        noise = Image.fromarray(dice.integers(0, 256, (16, 16, 3), np.uint8))
        data = saved(noise, "JPEG", quality=90)
        if data.endswith(b"\xff\x00\xff\xd9"):
            return data
    raise AssertionError("no noise gives such a file")


def assert_same(data: bytes, whole: bytes) -> None:
    for shape in (SQUASHED, InputShape(224)):
        left, right = read(data, shape), read(whole, shape)
        assert np.array_equal(left.pixels, right.pixels)
        assert left.thumbnail == right.thumbnail


@pytest.mark.parametrize("kind", WHOLE)
def test_only_the_end_marker_is_missing(kind: str) -> None:
    whole = WHOLE[kind]
    for data in (
        whole[:-2],
        whole[:-1],
        whole[:-2] + bytes(512),
        whole[:-2] + b"\xff" * 512,
        whole[:-2] + b"\r\n",
        whole[:-1] + bytes(3),
        whole + bytes(4096) + b"<!-- served -->",
    ):
        assert_same(data, whole)


def test_pixels_that_end_in_255() -> None:
    whole = ended_with_255()
    for data in (whole[:-2], whole[:-1], whole[:-2] + bytes(100)):
        assert_same(data, whole)


@pytest.mark.parametrize("padding", [b"", bytes(20_000), b"\xff" * 500, b"\r\n"])
@pytest.mark.parametrize("kind", ["baseline", "progressive", "large", "large progressive"])
def test_what_is_really_cut_is_refused(kind: str, padding: bytes) -> None:
    whole = WHOLE[kind]
    for percent in (5, 30, 60, 80, 95, 99):
        with pytest.raises(DamagedPhotoError, match="damaged, cut short"):
            read(whole[: len(whole) * percent // 100] + padding)


@pytest.mark.parametrize("kind", ["baseline", "large", "grey", "black"])
def test_what_was_cut_and_given_an_end_is_refused(kind: str) -> None:
    whole = WHOLE[kind]
    for percent in (40, 60, 90):
        with pytest.raises(DamagedPhotoError, match="its data end too early"):
            read(whole[: len(whole) * percent // 100] + b"\xff\xd9")


def test_a_photo_that_is_grey_itself_is_whole() -> None:
    for options in ({}, {"progressive": True}):
        grey = saved(Image.new("RGB", (400, 300), (128, 128, 128)), "JPEG", **options)
        assert_same(grey, grey)
        assert read(grey).width == 400
        assert_same(grey[:-2], grey)


def test_scans_that_are_missing_as_a_whole() -> None:
    whole = WHOLE["progressive"]
    last = whole.rindex(b"\xff\xda")
    tables = whole.rindex(b"\xff\xc4", 0, last)
    for end in (last, tables):
        with pytest.raises(DamagedPhotoError, match="its data end too early"):
            read(whole[:end])


NOTICE = b"<br />\n<b>Notice</b>: Undefined variable $x in /srv/y.php on line <b>3</b><br />\n"


TEXTS = {
    "newline": b"\n",
    "lines": b"\r\n\r\n",
    "byte order mark": b"\xef\xbb\xbf",
    "notice": NOTICE,
    "notices": NOTICE * 9,
}


@pytest.mark.parametrize("junk", TEXTS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF"])
def test_pictures_behind_text_that_is_not_theirs(junk: str, form: str) -> None:
    data = saved(drawing(), form)
    check_start((TEXTS[junk] + data)[:START])
    assert_same(TEXTS[junk] + data, data)


@pytest.mark.parametrize("junk", [b"\0", bytes(range(128))], ids=["zero", "header"])
def test_jpegs_behind_a_few_bytes_of_any_kind(junk: bytes) -> None:
    assert_same(junk + WHOLE["baseline"], WHOLE["baseline"])


def test_fill_bytes_before_a_marker() -> None:
    data = WHOLE["baseline"]
    assert_same(data[:2] + b"\xff\xff\xff" + data[2:], data)


@pytest.mark.parametrize(
    "before",
    [
        b"ID3\4" + bytes(200),
        b"<html><p>" + b"x" * 50,
        NOTICE * 200,
        struct.pack("<200H", *range(200)),
    ],
    ids=["sound", "page", "long text", "binary"],
)
def test_a_picture_in_another_file_is_not_that_file(before: bytes) -> None:
    with pytest.raises(NotAPhotoError):
        read(before + WHOLE["baseline"])
