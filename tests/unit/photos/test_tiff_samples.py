"""TIFFs of every kind of number, channel and packing look like the plain picture."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from photoseek.errors import DamagedPhotoError
from tests.support.decoded import difference, looks_like, read, shown
from tests.support.pictures import drawing, saved
from tests.support.tiffs import Page, page, tiff

PICTURE = drawing(97, 65)
PLAIN = saved(PICTURE, "PNG")
RGB = np.asarray(PICTURE)
GREY_PICTURE = PICTURE.convert("L")
GREY = np.asarray(GREY_PICTURE)[..., None]
PLAIN_GREY = saved(GREY_PICTURE, "PNG")
CMYK = np.asarray(PICTURE.convert("CMYK"))
PLAIN_CMYK = saved(PICTURE.convert("CMYK"), "TIFF")
FULL = np.full_like(GREY, 255)


def wide(pixels: NDArray[np.uint8], kind: str) -> NDArray[Any]:
    """Eight bits as numbers of another kind, over all that it holds; floats from 0 to 1."""
    if kind[0] == "f":
        return (pixels / 255).astype(kind)
    top = np.iinfo(kind).max
    if kind[0] == "i":
        return (np.round(pixels / 255 * (2.0 * top + 1)) - top - 1).astype(kind)
    return (pixels.astype(np.uint64) * np.uint64(top // 255)).astype(kind)


def stretched(pixels: NDArray[np.uint8]) -> bytes:
    """A picture from the darkest to the lightest, as greys without an agreed white are shown."""
    low, high = int(pixels.min()), int(pixels.max())
    values = (pixels.astype(float) - low) / (high - low) * 255
    return saved(Image.fromarray(values.round().astype(np.uint8).squeeze()), "PNG")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u2", "u4", "f2", "f4", "f8", "u8"])
def test_colours_of_any_number(kind: str, order: str) -> None:
    values = wide(RGB, kind).astype(order + kind)
    assert looks_like(tiff(page(values, 2), order=order), PLAIN)
    clear = np.dstack([RGB, FULL])
    values = wide(clear, kind).astype(order + kind)
    assert looks_like(tiff(page(values, 2, t338=[2]), order=order), PLAIN)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u4", "u8", "i1", "i2", "i4", "f2", "f4", "f8"])
def test_greys_without_an_agreed_white_are_stretched(kind: str, order: str) -> None:
    values = wide(GREY, kind).astype(order + kind)
    assert looks_like(tiff(page(values, 1), order=order), stretched(GREY))
    with_alpha = wide(np.dstack([GREY, FULL]), "u2").astype(order + "u2")
    assert looks_like(tiff(page(with_alpha, 1, t338=[2]), order=order), PLAIN_GREY)


@pytest.mark.parametrize("order", ["<", ">"])
def test_white_is_zero(order: str) -> None:
    for kind in ("u1", "u2"):
        values = wide(255 - GREY, kind).astype(order + kind)
        assert looks_like(tiff(page(values, 0), order=order), PLAIN_GREY)
    for kind in ("u4", "f4"):
        values = wide(255 - GREY, kind).astype(order + kind)
        assert looks_like(tiff(page(values, 0), order=order), stretched(GREY))


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("pixels", [GREY, RGB], ids=["grey", "colour"])
def test_bits_that_fill_no_bytes(pixels: NDArray[np.uint8], bits: int) -> None:
    values = pixels.astype(np.uint16) << (bits - 8)
    shifts = np.arange(bits - 1, -1, -1)
    rows = (values.reshape(len(values), -1, 1) >> shifts & 1).astype(np.uint8)
    data = np.packbits(rows.reshape(len(values), -1), axis=1).tobytes()
    channels = pixels.shape[2]
    tags = page(pixels, 2 if channels == 3 else 1).tags | {258: [bits] * channels}
    assert looks_like(tiff(Page(tags, [data])), PLAIN if channels == 3 else PLAIN_GREY)


def test_more_channels_than_colours() -> None:
    spare = np.dstack([RGB, 255 - FULL, 255 - FULL, 255 - FULL])
    assert looks_like(tiff(page(spare, 2, t338=[0, 0, 0])), PLAIN)
    assert looks_like(tiff(page(spare.astype("<u2") * 257, 2, t338=[0, 0, 0])), PLAIN)
    two = np.dstack([GREY, 255 - FULL, 255 - FULL])
    assert looks_like(tiff(page(two, 1, t338=[0, 0])), PLAIN_GREY)


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_inks_with_alpha(kind: str) -> None:
    values = wide(np.dstack([CMYK, FULL]), kind)
    assert looks_like(tiff(page(values, 5, t338=[2])), PLAIN_CMYK)
    values[:, 50:, 4] = 0
    pixels = shown(tiff(page(values, 5, t338=[2])))
    assert pixels[:, 54:].min() > 240
    assert pixels[:, :44].mean() < 200


def test_sixteen_bits_of_lab() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    stored = ImageCms.profileToProfile(PICTURE, srgb, lab, outputMode="LAB")
    assert stored is not None
    values = np.frombuffer(stored.tobytes(), np.uint8).reshape(65, 97, 3).astype(np.uint16) << 8
    assert looks_like(tiff(page(values, 8)), saved(stored, "TIFF"))


def test_floats_of_other_ranges() -> None:
    for white in (1, 255, 65_535):
        assert looks_like(tiff(page((RGB / 255 * white).astype("f4"), 2)), PLAIN)
    glints = (RGB / 255).astype("f4")
    glints[:2, :10] = 40
    glints[2, :4] = np.array([np.nan, np.inf, -np.inf, -3])[:, None]
    assert difference(read(tiff(page(glints, 2))).pixels, read(PLAIN).pixels) < 2


def _predicted(values: NDArray[Any], predictor: int) -> bytes:
    """Rows as a predictor leaves them: differences, or bytes by their weight and then those."""
    height, width, channels = values.shape
    if predictor == 1:
        return values.tobytes()
    if predictor == 2:
        whole = values.view(values.dtype.str.replace("f", "u"))
        differences = whole.copy()
        differences[:, 1:] -= whole[:, :-1]
        return differences.tobytes()
    big = values.astype(values.dtype.newbyteorder(">"))
    planes = np.ascontiguousarray(big).view(np.uint8).reshape(height, width * channels, -1)
    rows = planes.swapaxes(1, 2).reshape(height, -1).copy()
    rows[:, channels:] -= rows[:, :-channels].copy()
    return rows.tobytes()


@pytest.mark.parametrize("predictor", [1, 2, 3])
@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f2", "<u4"])
@pytest.mark.parametrize("arranged", ["strips", "tiles", "planes"])
def test_packed_numbers(arranged: str, kind: str, predictor: int) -> None:
    if predictor == 3 and kind == "<u4":
        pytest.skip("predictor 3 is for floats")
    values = wide(RGB, kind[1:]).astype(kind)
    more: dict[str, Any] = {"t259": [8], "t317": [predictor]}
    parts = [values[upper : upper + 20] for upper in range(0, 65, 20)]
    if arranged == "strips":
        more["t278"] = 20
    elif arranged == "planes":
        more |= {"t278": 20, "t284": [2]}
        parts = [part[..., at : at + 1].copy() for at in range(3) for part in parts]
    else:
        more |= {"t322": 32, "t323": 16}
        hung = np.zeros((80, 128, 3), kind)
        hung[:65, :97] = values
        parts = [
            hung[upper : upper + 16, left : left + 32].copy()
            for upper in range(0, 80, 16)
            for left in range(0, 128, 32)
        ]
    tags = {tag: value for tag, value in page(values, 2, **more).tags.items() if tag != 278}
    tags |= {278: 20} if arranged != "tiles" else {}
    pieces = [zlib.compress(_predicted(np.ascontiguousarray(part), predictor)) for part in parts]
    assert looks_like(tiff(Page(tags, pieces), order=kind[0]), PLAIN)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u1", "f4"])
def test_big_tiff(kind: str, order: str) -> None:
    values = wide(RGB, kind).astype(order + kind)
    assert looks_like(tiff(page(values, 2), order=order, big=True), PLAIN)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_numbers_stand_upright(orientation: int) -> None:
    data = tiff(page((RGB / 255).astype("f4"), 2, t274=[orientation]))
    plain = tiff(page(RGB, 2, t274=[orientation]))
    assert looks_like(data, plain)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_greys_that_use_few_of_their_bits_are_not_black(bits: int) -> None:
    values = np.asarray(GREY_PICTURE).astype(np.uint16) << (bits - 8)
    values[0, 0] = (1 << bits) - 1
    for data in (saved(Image.fromarray(values), "PNG"), tiff(page(values[..., None], 1))):
        assert looks_like(data, PLAIN_GREY)


def test_dark_greys_of_sixteen_bits_stay_dark() -> None:
    values = np.asarray(GREY_PICTURE).astype(np.uint16) << 5
    assert shown(saved(Image.fromarray(values), "PNG")).max() <= 32


@pytest.mark.parametrize(
    "tags",
    [
        {258: [8, 16, 8]},
        {339: [1, 3, 1]},
        {339: [6, 6, 6], 258: [64] * 3},
        {262: [10]},
        {258: [4] * 3},
    ],
)
def test_what_is_too_rare_is_named(tags: dict[int, Any]) -> None:
    plain = page(RGB, 2)
    with pytest.raises(DamagedPhotoError, match="rare kind .pixels of bits.*, photometric"):
        read(tiff(Page(plain.tags | tags, plain.pieces)))


def test_numbers_that_are_cut_short() -> None:
    data = tiff(page((RGB / 255).astype("f4"), 2, t259=[8]))
    with pytest.raises(DamagedPhotoError):
        read(data)
    plain = page((RGB / 255).astype("f4"), 2)
    whole = tiff(Page(plain.tags, [plain.pieces[0][:4000]]))
    with pytest.raises(DamagedPhotoError):
        read(whole)


def test_webp_in_a_tiff() -> None:
    buffer = io.BytesIO()
    PICTURE.save(buffer, "WEBP", lossless=True)
    data = tiff(
        Page(
            page(RGB, 2).tags | {259: struct.unpack("<2H", struct.pack("<L", 50001))},
            [buffer.getvalue()],
        )
    )
    assert looks_like(data, PLAIN)
