from __future__ import annotations

import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import open_clip
import pytest
from PIL import Image, ImageCms, ImageOps

from photoseek.photos import DecodedPhoto, ImageLimits, InputShape, decode
from photoseek.records import Pixels
from tests.support.pictures import (
    SHAPE,
    drawing,
    every_format,
    exif,
    palette,
    png16,
    saved,
    see_through,
    srgb_profile,
    wide_profile,
)


def read(data: bytes, shape: InputShape = SHAPE, **options: Any) -> DecodedPhoto:
    return decode(data, shape, ImageLimits(), **options)


def expected(picture: Image.Image, shape: InputShape = SHAPE) -> Pixels:
    """What open_clip itself makes of a picture, short of normalising."""
    transform = open_clip.transform.image_transform(
        shape.size,
        is_train=False,
        resize_mode=shape.resize_mode,
        interpolation=shape.interpolation,
    )
    for step in transform.transforms[:-2]:
        picture = step(picture)
    return np.asarray(picture)


def difference(left: Pixels, right: Pixels) -> float:
    assert left.shape == right.shape
    return float(np.abs(left.astype(int) - right.astype(int)).mean())


def opened(thumbnail: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(thumbnail))
    picture.load()
    return picture


@pytest.mark.parametrize(("name", "data"), every_format().items())
def test_every_format_is_recognised_by_its_content(name: str, data: bytes) -> None:
    photo = read(data)
    assert photo.pixels.shape == (32, 32, 3)
    assert photo.pixels.dtype == np.uint8
    assert sorted((photo.width, photo.height)) == [64, 96]
    assert opened(photo.thumbnail).format == "JPEG"


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("JPEG", "RGB", {"quality": 95}),
        ("JPEG", "L", {"quality": 95}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("PNG", "RGB", {}),
        ("PNG", "L", {}),
        ("PNG", "P", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "LA", {}),
        ("WEBP", "RGB", {"quality": 95}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
        ("BMP", "RGBA", {}),
        ("BMP", "P", {}),
        ("BMP", "L", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "L", {}),
        ("TIFF", "P", {}),
        ("TIFF", "CMYK", {}),
        ("TIFF", "RGBA", {}),
        ("AVIF", "RGB", {"quality": 95}),
        ("AVIF", "RGBA", {"quality": 95}),
    ],
)
def test_every_mode_shows_the_same_picture(form: str, mode: str, options: dict[str, Any]) -> None:
    picture = palette(drawing()) if mode == "P" else drawing().convert(mode)
    photo = read(saved(picture, form, **options))
    assert difference(photo.pixels, expected(picture.convert("RGB"))) < 4
    shown = opened(photo.thumbnail)
    assert (shown.mode, shown.size) == ("RGB", (96, 64))


def test_lab_colours() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    stored = ImageCms.profileToProfile(drawing(), srgb, lab, outputMode="LAB")
    assert stored is not None
    assert difference(read(saved(stored, "TIFF")).pixels, expected(drawing())) < 4


def test_black_and_white_bitmap() -> None:
    half = Image.new("1", (80, 40))
    half.paste(1, (40, 0, 80, 40))
    pixels = read(saved(half, "PNG"), InputShape(32, "squash")).pixels
    assert pixels[:, :12].max() == 0
    assert pixels[:, 20:].min() == 255


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_undone(form: str, orientation: int) -> None:
    picture = drawing()
    data = saved(picture, form, exif=exif(orientation))
    stored = Image.open(io.BytesIO(data))
    stored.load()
    reference = ImageOps.exif_transpose(stored)
    photo = read(data)
    assert (photo.width, photo.height) == reference.size
    assert difference(photo.pixels, expected(reference.convert("RGB"))) < 2
    assert opened(photo.thumbnail).size == reference.size
    if orientation == 6:
        assert (photo.width, photo.height) == (64, 96)


def test_half_an_exif_counts_as_far_as_it_goes() -> None:
    """Browsers turn such a photo."""
    tags = Image.Exif()
    tags[0x0112], tags[0x0131] = 6, "a program of a long name"
    photo = read(saved(drawing(), "JPEG", exif=tags.tobytes()[:-9]))
    assert (photo.width, photo.height) == (64, 96)


@pytest.mark.parametrize(
    "block",
    [b"MM\0*\0\0\0\x08\xff\xffbroken", b"MM", b"MM\0*\0", b"nonsense", b"II*\0\xff\xff\xff\xff"],
)
def test_nonsense_in_exif_does_not_cost_the_photo(block: bytes) -> None:
    for form in ("JPEG", "PNG", "WEBP"):
        plain = saved(drawing(), form, lossless=True)
        wrong = saved(drawing(), form, lossless=True, exif=b"Exif\0\0" + block)
        assert np.array_equal(read(wrong).pixels, read(plain).pixels)


def test_remarks_of_pillow_are_not_passed_on() -> None:
    block = b"II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\xff\xff\0\0\x10\0\0\0"
    data = saved(drawing(), "JPEG", exif=b"Exif\0\0" + block)
    with (
        pytest.warns(UserWarning, match="larger|[Cc]orrupt"),
        Image.open(io.BytesIO(data)) as picture,
    ):
        picture.getexif().get(0x010E)
    read(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # now stands before the filter that the first read set
        read(data)


@pytest.mark.parametrize("mode", ["RGBA", "PNG palette", "LA"])
def test_transparency_is_laid_on_white(mode: str) -> None:
    clear = see_through(drawing())
    if mode == "PNG palette":
        data = saved(clear.quantize(64), "PNG")
    else:
        data = saved(clear.convert(mode), "PNG")
    pixels = read(data, InputShape(32, "squash")).pixels
    assert pixels[:, 18:].min() >= 250
    assert pixels[:, :14].min() < 200


def test_transparent_gif_is_laid_on_white() -> None:
    picture = Image.new("P", (40, 40), 1)
    picture.putpalette([0, 0, 0, 200, 0, 0])
    picture.paste(0, (20, 0, 40, 40))
    pixels = read(saved(picture, "GIF", transparency=0)).pixels
    assert pixels[16, 30].tolist() == [255, 255, 255]
    assert pixels[16, 2].tolist() == [200, 0, 0]


def test_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    for form in ("GIF", "WEBP", "PNG", "AVIF"):
        options = {"lossless": True} if form == "WEBP" else {}
        data = saved(frames[0], form, save_all=True, append_images=frames[1:], **options)
        red, green, blue = read(data).pixels[16, 16].tolist()
        assert (red > 240, green < 15, blue < 15) == (True, True, True), form


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    grey = np.broadcast_to(ramp, (256, 256))
    reference = expected(Image.fromarray((grey >> 8).astype(np.uint8)).convert("RGB"))
    for form in ("PNG", "TIFF"):
        assert difference(read(saved(Image.fromarray(grey), form)).pixels, reference) < 1
    colour = np.stack([grey, grey[::-1], grey[:, ::-1]], axis=-1)
    eight = Image.fromarray((colour >> 8).astype(np.uint8))
    assert difference(read(png16(colour)).pixels, expected(eight)) < 1


@pytest.mark.parametrize("scale", [1 / 255, 1.0, 4000.0])
def test_floating_point_grey_is_stretched(scale: float) -> None:
    ramp = np.broadcast_to(np.linspace(0, 255, 64, dtype=np.float32), (64, 64))
    pixels = read(saved(Image.fromarray(ramp * np.float32(scale)), "TIFF")).pixels
    assert pixels[:, 0].max() < 10
    assert pixels[:, -1].min() > 245


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 1e-45])
def test_floating_point_grey_without_contrast(value: float) -> None:
    flat = np.full((40, 40), value, np.float32)
    flat[0, 0] = 0
    assert read(saved(Image.fromarray(flat), "TIFF")).pixels.shape == (32, 32, 3)


def test_adobe_cmyk_is_not_inverted() -> None:
    white = Image.new("CMYK", (40, 40), (0, 0, 0, 0))
    assert read(saved(white, "JPEG")).pixels.min() > 250


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (31, 33), (32, 32), (400, 267)])
@pytest.mark.parametrize("mode", ["shortest", "squash"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_input_is_what_open_clip_makes(size: Any, mode: Any, interpolation: Any) -> None:
    shape = InputShape(32, mode, interpolation)
    picture = drawing(*size)
    pixels = read(saved(picture, "PNG"), shape).pixels
    assert difference(pixels, expected(picture, shape)) < 1


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(1203, 800), (801, 1999), (641, 641), (90, 90)])
def test_large_pictures_shrink_to_the_same_input(form: str, size: tuple[int, int]) -> None:
    grain = np.random.default_rng(0).normal(0, 12, (*size[::-1], 3))
    picture = Image.fromarray((np.asarray(drawing(*size)) + grain).clip(0, 255).astype(np.uint8))
    data = saved(picture, form)
    reference = expected(Image.open(io.BytesIO(data)))
    photo = read(data)
    assert (photo.width, photo.height) == size
    assert difference(photo.pixels, reference) < 1.5


def test_pixels_may_be_written_to() -> None:
    """PyTorch warns about arrays that may not."""
    assert read(saved(drawing(), "PNG")).pixels.flags.writeable


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((100, 50), (100, 50)),
        ((640, 480), (320, 240)),
        ((480, 640), (240, 320)),
        ((5000, 5), (320, 1)),
        ((1, 1), (1, 1)),
    ],
)
def test_thumbnail_keeps_its_shape_and_is_never_enlarged(size: Any, shown: Any) -> None:
    for form in ("JPEG", "PNG"):
        assert opened(read(saved(drawing(*size), form)).thumbnail).size == shown


def test_thumbnail_carries_no_metadata() -> None:
    data = saved(
        drawing(), "JPEG", exif=exif(3), icc_profile=srgb_profile(), comment=b"secret", dpi=(72, 72)
    )
    thumbnail = read(data).thumbnail
    assert not {"exif", "icc_profile", "comment"} & set(opened(thumbnail).info)
    assert b"secret" not in thumbnail
    assert b"description" not in thumbnail


def test_thumbnail_may_be_left_out() -> None:
    assert read(saved(drawing(), "PNG"), thumbnail=False).thumbnail == b""


def test_thumbnail_honours_the_colour_profile_and_the_input_does_not() -> None:
    red = Image.new("RGB", (64, 64), (200, 20, 20))
    photo = read(saved(red, "PNG", icc_profile=wide_profile()))
    assert photo.pixels[16, 16].tolist() == [200, 20, 20]
    shown = np.asarray(opened(photo.thumbnail))[32, 32]
    assert shown[1] > 150 > shown[0]  # the profile exchanges red and green


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, srgb_profile(), b"x" * 5_000_000])
def test_useless_profiles_change_nothing(profile: bytes) -> None:
    picture = drawing()
    with_profile = read(saved(picture, "TIFF", icc_profile=profile))
    assert with_profile.thumbnail == read(saved(picture, "TIFF")).thumbnail


def test_threads_do_not_disturb_each_other() -> None:
    files = [*every_format().values(), saved(drawing(), "PNG", icc_profile=wide_profile())] * 3
    alone = [read(data) for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(read, files))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert one.thumbnail == other.thumbnail
