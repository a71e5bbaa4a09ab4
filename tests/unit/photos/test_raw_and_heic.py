"""What the extras `heic` and `raw` read, and what is said where they are not installed."""

from __future__ import annotations

import sys

import pytest

from photoseek.errors import DamagedPhotoError, NotAPhotoError, OversizedPhotoError
from photoseek.helpers.extras import has_extra
from photoseek.photos import ImageLimits, decode, file_name, recognise
from tests.support.decoded import SQUASHED, difference, looks_like, read, shown
from tests.support.picture_kinds import dng, heic
from tests.support.pictures import drawing, exif, saved

LIMITS = ImageLimits()
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)

needs_raw = pytest.mark.skipif(not has_extra("raw"), reason="rawpy is not installed")
needs_heic = pytest.mark.skipif(not has_extra("heic"), reason="pillow-heif is not installed")


@pytest.mark.parametrize(("extra", "package", "data"), [
    ("heic", "pillow_heif", HEIC),
    ("raw", "rawpy", dng(b"", (96, 64))),
    ("raw", "rawpy", b"FUJIFILMCCD-RAW 0201" + bytes(100)),
])  # fmt: skip
def test_an_extra_that_is_missing_is_named(
    extra: str, package: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for check in (read, lambda bytes_: recognise(bytes_, LIMITS)):
        with pytest.raises(
            NotAPhotoError, match=rf"need the package {package}.*install.*\[{extra}\].*as JPEG"
        ):
            check(data)


@needs_raw
def test_the_preview_of_a_raw_picture_is_shown() -> None:
    preview = saved(drawing(960, 640), "JPEG", quality=95)
    data = dng(preview, (960, 640))
    assert looks_like(data, preview)
    assert read(data).traits.camera == "Example One"
    assert recognise(data, LIMITS) == "RAW"
    assert file_name(data, LIMITS)[0].endswith(".raw")


@needs_raw
@pytest.mark.parametrize("said_by", ["raw", "preview", "both", "neither, for it stands already"])
def test_a_raw_picture_stands_upright_once(said_by: str) -> None:
    upright = drawing(640, 960)
    lying = upright.rotate(90, expand=True)
    picture, inner, outer = {
        "raw": (lying, None, 6),
        "preview": (lying, 6, 1),
        "both": (lying, 6, 6),
        "neither, for it stands already": (upright, None, 6),
    }[said_by]
    words = {"exif": exif(inner)} if inner else {}
    data = dng(saved(picture, "JPEG", quality=95, **words), (960, 640), outer)
    photo = read(data)
    assert (photo.width, photo.height) == (640, 960)
    assert difference(shown(data), shown(saved(upright, "PNG"))) < 4


@needs_raw
def test_a_stamp_is_no_preview() -> None:
    stamp = saved(drawing(160, 120), "JPEG")
    with pytest.raises(NotAPhotoError, match="no preview but one of 160 x 120 pixels"):
        read(dng(stamp, (960, 640)))


@needs_raw
def test_limits_hold_for_previews() -> None:
    data = dng(saved(drawing(960, 640), "JPEG"), (960, 640))
    with pytest.raises(OversizedPhotoError):
        decode(data, SQUASHED, ImageLimits(max_megapixels=0.5))
    asked: list[int] = []

    def room(size: int) -> object:
        asked.append(size)
        raise MemoryError

    with pytest.raises(MemoryError):
        decode(data, SQUASHED, LIMITS, room=room)  # type: ignore[arg-type]
    assert asked[0] > 96 * 64


@needs_raw
def test_raw_pictures_that_are_broken() -> None:
    whole = dng(saved(drawing(960, 640), "JPEG"), (960, 640))
    for data in (whole[:500], whole[: len(whole) // 2], dng(b"no jpeg", (960, 640))):
        with pytest.raises((DamagedPhotoError, NotAPhotoError)):
            read(data)


@needs_heic
def test_heic_is_shown() -> None:
    data = heic()
    assert looks_like(data, saved(drawing(), "PNG"), 4)
    assert recognise(data, LIMITS) == "HEIC"
    assert file_name(data, LIMITS)[1] == "image/heic"


@needs_heic
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_heic_stands_upright_once(orientation: int) -> None:
    tags = exif(orientation)
    tags[0x0110] = "Phone 9"
    data = heic(exif=tags.tobytes())
    photo = read(data)
    assert (photo.width, photo.height) == ((64, 96) if orientation > 4 else (96, 64))
    reference = saved(drawing(), "JPEG", quality=95, exif=exif(orientation))
    assert difference(shown(data), shown(reference)) < 6
    assert photo.traits.camera == "Phone 9"


@needs_heic
def test_limits_hold_for_heic() -> None:
    data = heic()
    with pytest.raises(OversizedPhotoError):
        decode(data, SQUASHED, ImageLimits(max_megapixels=0.005))
    for cut in (60, len(data) // 2, len(data) - 20):
        with pytest.raises((DamagedPhotoError, NotAPhotoError)):
            read(data[:cut])
