"""Photoshop documents and JPEG 2000: what is shown, and what is refused before it takes memory."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photoseek.errors import DamagedPhotoError, NotAPhotoError, OversizedPhotoError
from photoseek.photos import ImageLimits, decode, file_name
from tests.support.decoded import SQUASHED, looks_like, read, shown
from tests.support.picture_kinds import psd
from tests.support.pictures import drawing, saved

LIMITS = ImageLimits()
RGB = np.asarray(drawing())
PLAIN = saved(drawing(), "PNG")


def numbers_of(values: NDArray[np.uint8], bits: int) -> NDArray[np.unsignedinteger | np.floating]:
    """The same brightness in numbers of so many bits; those of 32 are light as it is."""
    if bits < 32:
        return values.astype(np.uint16) * 257 if bits == 16 else values
    share = values.astype(np.float32) / 255
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("bits", [8, 16, 32])
def test_flat_pictures_of_documents(bits: int, version: int, packed: bool) -> None:
    assert looks_like(psd(numbers_of(RGB, bits), packed=packed, version=version), PLAIN)
    grey = drawing().convert("L")
    levels = numbers_of(np.asarray(grey)[..., None], bits)
    assert looks_like(psd(levels, 1, packed=packed, version=version), saved(grey, "PNG"))
    if bits < 32:  # Photoshop has no inks of floats
        inks = drawing().convert("CMYK")
        data = psd(numbers_of(255 - np.asarray(inks), bits), 4, packed=packed, version=version)
        assert looks_like(data, saved(inks, "TIFF"))


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("packed", [False, True])
def test_channels_that_are_not_shown_are_passed_over(packed: bool, version: int) -> None:
    spots = np.random.default_rng(1).integers(0, 255, (*RGB.shape[:2], 2), np.uint8)
    assert looks_like(psd(np.dstack([RGB, spots]), packed=packed, version=version), PLAIN)
    inks = drawing().convert("CMYK")
    values = np.dstack([255 - np.asarray(inks), spots[..., :1]])
    assert looks_like(psd(values, 4, packed=packed, version=version), saved(inks, "TIFF"))


def test_rows_of_large_documents_may_be_very_long() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (3, 40_000, 3), np.uint8)
    found = psd(numbers_of(noise, 16), packed=True, version=2)
    assert looks_like(found, saved(Image.fromarray(noise), "PNG"))
    for damaged in (found[:-80_000], found[: len(found) // 3]):
        with pytest.raises(DamagedPhotoError):
            read(damaged)


def test_light_beyond_white_is_white_and_no_number_is_black() -> None:
    light = np.full((8, 8, 3), 7.5, np.float32)
    light[:4] = np.nan
    found = shown(psd(light))
    assert found[5:].min() >= 250
    assert found[:3].max() <= 5


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("bits", [8, 16, 32])
def test_a_fourth_channel_is_transparency_only_where_the_document_says_so(
    bits: int, version: int
) -> None:
    half = np.where(np.arange(96) < 48, 255, 0).astype(np.uint8)
    alpha = np.tile(half, (64, 1))
    values: NDArray[np.unsignedinteger | np.floating]
    if bits == 32:
        values = np.dstack([numbers_of(RGB, 32), alpha / 255]).astype(np.float32)
    else:
        values = numbers_of(np.dstack([RGB, alpha]), bits)
    assert looks_like(psd(values, version=version), PLAIN)  # a selection that was kept
    assert looks_like(psd(values, layers=2, version=version), PLAIN)
    clear = shown(psd(values, layers=-2, version=version))
    assert clear[:, 52:].min() > 240
    assert clear[:, :44].min() < 100


def test_a_document_without_a_flat_picture_says_how_to_get_one() -> None:
    note = b"8BIM" + struct.pack(">HHL", 1057, 0, 5) + b"\0\0\0\1\0\0"
    with pytest.raises(DamagedPhotoError, match="Maximize compatibility"):
        read(psd(RGB, resources=note))
    assert looks_like(psd(RGB, resources=note[:-2] + b"\1\0"), PLAIN)


@pytest.mark.parametrize("size", range(0, 1_500, 37))
def test_documents_that_break_off(size: int) -> None:
    for data in (psd(RGB, packed=True, version=2), psd(RGB.astype(np.float32), layers=-1)):
        with pytest.raises((DamagedPhotoError, NotAPhotoError)):
            read(data[:size])


def test_documents_that_claim_much() -> None:
    head = struct.pack(">4sH6xHLLHH", b"8BPS", 1, 3, 30_000, 30_000, 8, 3) + bytes(14)
    with pytest.raises(OversizedPhotoError, match="900 MP"):
        read(head)
    deep = struct.pack(">4sH6xHLLHH", b"8BPS", 1, 3, 30_000, 2**31, 16, 3) + bytes(14)
    with pytest.raises((DamagedPhotoError, OversizedPhotoError)):
        read(deep)
    with pytest.raises(DamagedPhotoError):
        read(psd(RGB)[:-5000])


@pytest.mark.parametrize("codestream", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA"])
def test_jpeg_2000(mode: str, codestream: bool) -> None:
    picture = drawing().convert(mode)
    data = saved(picture, "JPEG2000", no_jp2=codestream)
    assert looks_like(data, saved(picture, "PNG"))
    assert file_name(data, LIMITS)[1] == "image/jp2"
    tiled = saved(picture, "JPEG2000", no_jp2=codestream, tile_size=(32, 32))
    assert looks_like(tiled, saved(picture, "PNG"))


def test_jpeg_2000_of_sixteen_bits() -> None:
    values = np.asarray(drawing().convert("L")).astype(np.uint16) * 257
    data = saved(Image.fromarray(values), "JPEG2000")
    assert looks_like(data, saved(drawing().convert("L"), "PNG"))


def test_jpeg_2000_that_claims_much() -> None:
    data = saved(drawing(), "JPEG2000", no_jp2=True)
    place = data.index(b"\xff\x51") + 6

    def claiming(at: int, form: str, *numbers: int) -> bytes:
        changed = bytearray(data)
        struct.pack_into(form, changed, at, *numbers)
        return bytes(changed)

    with pytest.raises(OversizedPhotoError, match="900 MP"):
        read(claiming(place, ">2L8x2L", 30_000, 30_000, 30_000, 30_000))
    with pytest.raises(DamagedPhotoError, match="no size"):
        read(claiming(place + 32, ">H", 5))
    many = claiming(place, ">2L", 9_000, 9_000)
    with pytest.raises(DamagedPhotoError, match="no size"):
        decode(many.replace(struct.pack(">2L", 96, 64), struct.pack(">2L", 8, 8)), SQUASHED, LIMITS)
    with pytest.raises(DamagedPhotoError):
        read(data[: len(data) // 3])
