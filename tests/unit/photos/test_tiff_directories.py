"""Which of the pictures in a TIFF is the photo."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from photoseek.errors import NotAPhotoError
from photoseek.helpers.extras import has_extra
from photoseek.photos.tiff_directories import is_raw, photo_first
from tests.support.decoded import looks_like, read
from tests.support.pictures import drawing, saved
from tests.support.tiffs import Page, page, tiff

PHOTO = np.asarray(drawing())
PLAIN = saved(drawing(), "PNG")
SMALL = np.full((12, 16, 3), 40, np.uint8)
OTHER = np.full((64, 96, 3), 200, np.uint8)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("mark", [{"t254": 1}, {"t254": 5}, {"t255": [2]}])
def test_a_preview_that_stands_first_is_passed_over(
    mark: dict[str, object], big: bool, order: str
) -> None:
    small = page(SMALL, 2, **mark)  # type: ignore[arg-type]
    photo = page(PHOTO, 2, t254=0)
    assert looks_like(tiff(small, photo, order=order, big=big), PLAIN)
    assert looks_like(tiff(small, photo, page(OTHER, 2, t254=0), order=order, big=big), PLAIN)
    below = Page(small.tags, small.pieces, [page(SMALL, 2, t254=1), photo])
    assert looks_like(tiff(below, order=order, big=big), PLAIN)


def test_the_first_of_a_stack_and_of_a_pyramid_is_taken() -> None:
    small = page(SMALL, 2, t254=1)
    photo = page(PHOTO, 2, t254=0)
    for data in (
        tiff(photo, page(OTHER, 2)),
        tiff(page(PHOTO, 2, t254=2), page(OTHER, 2, t254=2)),
        tiff(photo, small, small),
        tiff(Page(photo.tags, photo.pieces, [small])),
    ):
        assert looks_like(data, PLAIN)


def test_previews_alone_are_better_than_nothing() -> None:
    assert read(tiff(page(SMALL, 2, t254=1), page(SMALL, 2, t254=1))).width == 16


def test_directories_in_a_circle() -> None:
    data = bytearray(tiff(page(SMALL, 2, t254=1)))
    data[-4:] = data[4:8]
    assert read(bytes(data)).width == 16


def sensor(photometric: int = 32803) -> Page:
    return page(np.zeros((64, 96, 1), np.uint16), photometric, t254=0)


RAWS = {
    "sensor": tiff(sensor()),
    "linear": tiff(page(PHOTO.astype(np.uint16), 34892)),
    "below a preview": tiff(Page(page(SMALL, 2, t254=1).tags, [SMALL.tobytes()], [sensor()])),
    "behind a preview": tiff(page(SMALL, 2, t254=1), sensor()),
    "DNG": tiff(page(SMALL, 2, t254=1, t50706=b"\1\4\0\0")),
    "Canon": b"II*\0\x10\0\0\0CR\2\0" + bytes(4) + tiff(page(SMALL, 2))[8:],
    "Phase One": b"II*\0\x10\0\0\0IIII" + bytes(4) + tiff(page(SMALL, 2))[8:],
    "Olympus": b"IIRO" + tiff(page(SMALL, 2))[4:],
    "Panasonic": b"IIU\0" + tiff(page(SMALL, 2))[4:],
    "Fujifilm": b"FUJIFILMCCD-RAW 0201" + bytes(200),
    "Canon CR3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(200),
    "old Canon": b"II\x1a\0\0\0HEAPCCDR" + bytes(200),
}


@pytest.mark.parametrize("name", RAWS)
def test_a_raw_picture_is_no_tiff(name: str) -> None:
    """Its first picture may be a tiny preview, or the sensor as a camera has it."""
    data = RAWS[name]
    if data[:4] == b"II*\0":
        assert is_raw(data)
    words = (
        "LibRaw does not know|no preview|damaged" if has_extra("raw") else "Raw pictures of cameras"
    )
    with pytest.raises(Exception, match=words) as caught:
        read(data)
    if not has_extra("raw"):
        assert caught.type is NotAPhotoError
        assert "photoseek" in str(caught.value) or "[raw]" in str(caught.value)


def test_tiffs_of_programs_are_not_raw() -> None:
    for data in (
        tiff(page(PHOTO, 2)),
        tiff(page(SMALL, 2, t254=1), page(PHOTO, 2)),
        saved(drawing(), "TIFF", compression="jpeg"),
        saved(drawing(), "TIFF", compression="tiff_lzw"),
    ):
        assert not is_raw(data)


def test_tags_that_claim_the_same_bytes_take_no_more_room_than_the_file() -> None:
    """A big-endian BigTIFF is written once more, and each of many tags claims all of it."""
    size = 100_000
    tags = [(256, 16, 1, 16), (257, 16, 1, 16), (258, 3, 1, 8 << 48), (259, 3, 1, 1 << 48)]
    tags += [(262, 3, 1, 1 << 48), (273, 16, 1, 16), (278, 16, 1, 16), (279, 16, 1, 256)]
    tags += [(40_000 + number, 7, size, 16) for number in range(50)]
    head = b"MM\0+\0\x08\0\0" + struct.pack(">Q", 16 + size) + bytes([200]) * size
    entries = b"".join(struct.pack(">HHQQ", *tag) for tag in tags)
    data = head + struct.pack(">Q", len(tags)) + entries + bytes(8)
    assert len(photo_first(data)) < 3 * len(data)
    assert read(data).width == 16
