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


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_flat_pictures_of_documents(deep: bool, packed: bool) -> None:
    def numbers(values: NDArray[np.uint8]) -> NDArray[np.unsignedinteger]:
        return values.astype(np.uint16) * 257 if deep else values

    assert looks_like(psd(numbers(RGB), packed=packed), PLAIN)
    grey = drawing().convert("L")
    data = psd(numbers(np.asarray(grey)[..., None]), 1, packed=packed)
    assert looks_like(data, saved(grey, "PNG"))
    inks = drawing().convert("CMYK")
    data = psd(numbers(255 - np.asarray(inks)), 4, packed=packed)
    assert looks_like(data, saved(inks, "TIFF"))


@pytest.mark.parametrize("deep", [False, True])
def test_a_fourth_channel_is_transparency_only_where_the_document_says_so(deep: bool) -> None:
    half = np.where(np.arange(96) < 48, 255, 0).astype(np.uint8)
    pixels = np.dstack([RGB, np.tile(half, (64, 1))])
    values = pixels.astype(np.uint16) * 257 if deep else pixels
    assert looks_like(psd(values), PLAIN)  # a selection that was kept
    assert looks_like(psd(values, layers=2), PLAIN)
    clear = shown(psd(values, layers=-2))
    assert clear[:, 52:].min() > 240
    assert clear[:, :44].min() < 100


def test_a_document_without_a_flat_picture_says_how_to_get_one() -> None:
    note = b"8BIM" + struct.pack(">HHL", 1057, 0, 5) + b"\0\0\0\1\0\0"
    with pytest.raises(DamagedPhotoError, match="Maximize compatibility"):
        read(psd(RGB, resources=note))
    assert looks_like(psd(RGB, resources=note[:-2] + b"\1\0"), PLAIN)


def test_large_documents_are_named() -> None:
    with pytest.raises(NotAPhotoError, match="PSB"):
        read(psd(RGB, version=2))


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
