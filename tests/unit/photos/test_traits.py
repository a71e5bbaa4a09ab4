"""What a photo tells of itself: its colours, its looks, and when it was taken."""

from __future__ import annotations

import io
import re
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from photoseek.photos import COLOUR_NAMES, ImageLimits, colour_name, decode
from photoseek.photos.bad_bytes import LARGEST_EXIF
from photoseek.records import Traits
from tests.support.pictures import SHAPE, drawing, every_format, exif, saved, wide_profile


def traits(data: bytes, **options: Any) -> Traits:
    return decode(data, SHAPE, ImageLimits(), **options).traits


def bits_apart(first: str, second: str) -> int:
    return (int(first, 16) ^ int(second, 16)).bit_count()


def scene(seed: int, size: tuple[int, int] = (480, 320)) -> Image.Image:
    """Shapes at random places: like photos, no two have their lights and darks in one order."""
    random = np.random.default_rng(seed)
    picture = Image.new("RGB", size, tuple(random.integers(60, 200, 3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        left, upper = int(random.integers(0, size[0])), int(random.integers(0, size[1]))
        wide, high = map(int, random.integers(30, 200, 2))
        colour = tuple(random.integers(0, 256, 3))
        pen.ellipse((left, upper, left + wide, upper + high), fill=colour)
    return picture


def dated(date: object) -> Image.Exif:
    tags = exif(1)
    tags.get_ifd(0x8769)[0x9003] = date
    return tags


@pytest.mark.parametrize(("name", "swatch"), COLOUR_NAMES.items())
def test_a_plain_surface_has_the_name_of_its_colour(name: str, swatch: str) -> None:
    found = traits(saved(Image.new("RGB", (60, 40), swatch), "PNG"))
    assert found == Traits(colour=swatch, colours=(name,))
    assert colour_name(swatch) == name


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#87CEEB", "blue"),
        ("#000080", "blue"),
        ("#40e0d0", "blue"),
        ("#228b22", "green"),
        ("#808000", "green"),
        ("#ffd700", "yellow"),
        ("#d2691e", "orange"),
        ("#8b4513", "brown"),
        ("#d2b48c", "brown"),
        ("#dc143c", "red"),
        ("#800000", "red"),
        ("#ffc0cb", "pink"),
        ("#ff1493", "pink"),
        ("#ee82ee", "pink"),
        ("#4b0082", "purple"),
        ("#708090", "grey"),
        ("#000000", "black"),
        ("#ffffff", "white"),
    ],
)
def test_colours_are_called_what_people_call_them(colour: str, name: str) -> None:
    assert colour_name(colour) == name


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "1e90ff", "#1e90ff\n", "#١٢٣٤٥٦"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="is not written like #1e90ff"):
        colour_name(colour)


def test_every_colour_has_a_name() -> None:
    steps = [f"{value:02x}" for value in (0, 51, 102, 153, 204, 255)]
    names = {colour_name(f"#{r}{g}{b}") for r in steps for g in steps for b in steps}
    assert names == set(COLOUR_NAMES)


def test_a_vivid_thing_counts_more_than_the_grey_around_it() -> None:
    picture = Image.new("RGB", (300, 200), (128, 130, 134))
    picture.paste((205, 40, 45), (100, 60, 220, 160))  # a fifth
    found = traits(saved(picture, "PNG"))
    assert found.colours == ("red", "grey")
    assert found.colour == "#cd282d"


def test_what_covers_little_is_not_named() -> None:
    picture = Image.new("RGB", (300, 200), COLOUR_NAMES["green"])
    picture.paste((250, 250, 250), (0, 0, 100, 100))  # a sixth: named for its area
    picture.paste((40, 90, 220), (200, 150, 250, 200))  # a twenty-fourth
    assert traits(saved(picture, "PNG")).colours == ("green", "white")


def test_the_dominant_colour_is_the_middle_of_its_shades_and_occurs() -> None:
    shades = np.linspace(0, 1, 128)[:, None, None] * [70, 60, 40] + [60, 130, 200]
    sky = Image.fromarray(np.broadcast_to(shades, (128, 128, 3)).astype(np.uint8))
    found = traits(saved(sky, "PNG"))
    assert found.colours == ("blue",)
    colour = [int(found.colour[i : i + 2], 16) for i in (1, 3, 5)]
    np.testing.assert_allclose(colour, [95, 160, 220], atol=8)


def test_colours_are_those_that_the_profile_means() -> None:
    red = Image.new("RGB", (60, 40), (214, 45, 48))
    data = saved(red, "PNG", icc_profile=wide_profile())  # exchanges red and green
    assert traits(data).colours == ("green",)


@pytest.mark.parametrize("name", every_format())
def test_every_format_has_traits(name: str) -> None:
    found = traits(every_format()[name])
    assert re.fullmatch("#[0-9a-f]{6}", found.colour)
    assert found.colours[0] == colour_name(found.colour)
    assert re.fullmatch("[0-9a-f]{16}", found.phash)
    assert found.taken == ""


def test_traits_do_not_depend_on_the_thumbnail() -> None:
    data = saved(scene(1), "JPEG", exif=dated("2024:05:01 12:30:00"))
    assert traits(data, thumbnail=False) == traits(data)


def test_copies_look_alike_and_other_pictures_do_not() -> None:
    for seed in range(8):
        picture = scene(seed, (960, 640))
        looks = traits(saved(picture, "PNG")).phash
        copies = [
            saved(picture, "JPEG", quality=30),
            saved(picture.resize((310, 207), Image.Resampling.LANCZOS), "JPEG", quality=80),
            saved(picture.convert("L"), "WEBP"),
            saved(ImageEnhance.Brightness(picture).enhance(0.7), "PNG"),
            saved(picture.crop((10, 6, 955, 636)), "JPEG"),
        ]
        assert max(bits_apart(looks, traits(copy).phash) for copy in copies) <= 10
        other = traits(saved(scene(seed + 100), "JPEG")).phash
        assert bits_apart(looks, other) >= 16


def test_copies_of_stripes_look_alike_on_every_processor() -> None:
    stripes = Image.new("RGB", (640, 400), "#d62d30")
    stripes.paste("#facf2e", (0, 100, 640, 180))
    stripes.paste("#2c68ce", (0, 250, 640, 330))
    looks = traits(saved(stripes, "PNG")).phash
    copies = [
        saved(stripes, "JPEG", quality=60),
        saved(stripes.resize((500, 313)), "JPEG", quality=80),
    ]
    assert {traits(copy).phash for copy in copies} == {looks}
    lying = traits(saved(stripes.transpose(Image.Transpose.ROTATE_90), "PNG")).phash
    assert bits_apart(looks, lying) > 2


def test_the_whole_picture_counts_and_not_its_middle() -> None:
    wide = Image.new("RGB", (600, 100), (120, 120, 120))
    wide.paste(scene(1, (100, 100)), (250, 0))
    left, right = wide.copy(), wide.copy()
    left.paste(scene(2, (200, 100)), (0, 0))
    right.paste(scene(3, (200, 100)), (400, 0))
    a, b = decode(saved(left, "PNG"), SHAPE, ImageLimits()), traits(saved(right, "PNG"))
    assert bits_apart(a.traits.phash, b.phash) >= 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_looks_the_same_however_its_pixels_lie(orientation: int) -> None:
    upright = decode(saved(scene(5), "PNG", exif=exif(orientation)), SHAPE, ImageLimits())
    lying = Image.open(io.BytesIO(upright.thumbnail))
    again = traits(saved(lying, "PNG"))
    assert bits_apart(upright.traits.phash, again.phash) <= 2


@pytest.mark.parametrize("colour", ["white", "black", (40, 90, 200)])
def test_a_plain_surface_has_no_looks(colour: Any) -> None:
    assert traits(saved(Image.new("RGB", (60, 40), colour), "JPEG")).phash == ""


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_date_comes_from_every_format_that_has_one(form: str) -> None:
    data = saved(drawing(), form, exif=dated("2024:05:01 12:30:00"))
    assert traits(data).taken == "2024-05-01T12:30:00"


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "jpeg"])
@pytest.mark.parametrize("pages", [1, 2])
def test_the_date_of_a_tiff(compression: str, pages: int) -> None:
    pictures = {"save_all": True, "append_images": [drawing()] * (pages - 1)}
    tags = ImageFileDirectory_v2()
    tags[0x82BC] = 7  # a number that is made a pointer below, since Pillow writes none
    data = saved(drawing(), "TIFF", compression=compression, tiffinfo=tags, **pictures)
    end = len(data) + len(data) % 2
    entry = struct.pack("<HHII", 0x82BC, 3, 1, 7)
    assert entry in data
    data = data.replace(entry, struct.pack("<HHII", 0x8769, 4, 1, end)).ljust(end, b"\0")
    data += struct.pack("<HHHIII", 1, 0x9003, 2, 20, end + 18, 0) + b"2024:05:01 12:30:00\0"
    assert traits(data).taken == "2024-05-01T12:30:00"


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("1838:04:15 08:00:00", "1838-04-15T08:00:00"),
        ("2024:02:29 23:59:59", "2024-02-29T23:59:59"),
        ("2024:05:01 12:30:00+02:00", "2024-05-01T12:30:00"),
        ("0000:00:00 00:00:00", ""),
        ("    :  :     :  :  ", ""),
        ("2023:02:29 12:00:00", ""),
        ("2024:05:01 24:08:19", "2024-05-01T00:08:19"),
        ("2024:05:01 25:00:00", ""),
        ("2016:12:31 23:59:60", "2016-12-31T23:59:59"),
        ("2024-05-01 12:30:00", "2024-05-01T12:30:00"),
        ("2024/05/01 12:30:00", "2024-05-01T12:30:00"),
        ("2024-05-01T12:30:00Z", "2024-05-01T12:30:00"),
        ("2024:05:01 12:30:00.417", "2024-05-01T12:30:00"),
        ("2024:05:01 12:30:00+02:00 DST", "2024-05-01T12:30:00"),
        ("2024:05:01 12:30", "2024-05-01T12:30:00"),
        ("2024:05:01", "2024-05-01T00:00:00"),
        ("2024: 5: 1  9: 3: 7", "2024-05-01T09:03:07"),
        ("12345:01:01 00:00:00", ""),
        ("2024:05:01 at noon", ""),
        ("1970:01:01 00:00:00", "1970-01-01T00:00:00"),
        ("2024:13:01 12:00:00", ""),
        ("2024-05-01", "2024-05-01T00:00:00"),
        ("1800:01:01 00:00:00", ""),
        ("9999:12:31 23:59:59", ""),
        ("٢٠٢٤:05:01 12:30:00", ""),
        ("yesterday", ""),
        ("", ""),
        (b"\xff\xfe\x00", ""),
        (7, ""),
    ],
)
def test_only_dates_that_make_sense_are_taken(written: object, taken: str) -> None:
    assert traits(saved(drawing(), "JPEG", exif=dated(written))).taken == taken


def test_no_photo_comes_from_the_future() -> None:
    now = datetime.now(UTC)
    for days, known in ((0, True), (3, False)):
        written = (now + timedelta(days=days)).strftime("%Y:%m:%d %H:%M:%S")
        assert bool(traits(saved(drawing(), "JPEG", exif=dated(written))).taken) == known


def test_hostile_exif_never_harms_the_photo() -> None:
    good = dated("2024:05:01 12:30:00").tobytes()
    random = np.random.default_rng(0)
    blocks = [good[:length] for length in range(0, len(good), 3)]
    for _ in range(200):
        broken = np.frombuffer(good, np.uint8).copy()
        broken[random.integers(6, len(broken), 4)] = random.integers(0, 256, 4)
        blocks.append(broken.tobytes())
    pointer = b"Exif\0\0II*\0" + struct.pack("<IHHHI", 8, 1, 0x8769, 4, 1)
    for_nowhere = (0, 8, 2**31, 2**32 - 1)  # 8 is the very directory that points there
    blocks += [pointer + struct.pack("<II", offset, 0) for offset in for_nowhere]
    for block in blocks:
        found = traits(saved(drawing(), "JPEG", exif=block))
        assert found.phash
        assert re.fullmatch(r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", found.taken)


def test_exif_larger_than_any_camera_writes_is_left_alone() -> None:
    tags = dated("2024:05:01 12:30:00")
    tags[0x010E] = "x" * LARGEST_EXIF
    found = traits(saved(drawing(), "WEBP", exif=tags))
    assert found.taken == ""
    assert found.phash


@pytest.mark.parametrize(
    ("maker", "model", "camera"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("SONY", "ILCE-7M3", "SONY ILCE-7M3"),
        ("OLYMPUS IMAGING CORP.", "E-M1MarkII", "OLYMPUS E-M1MarkII"),
        ("FUJIFILM\0\0", " X100V\0", "FUJIFILM X100V"),
        ("Co", "A1", "Co A1"),
        ("Apple", None, "Apple"),
        (None, "iPhone\t15  Pro", "iPhone 15 Pro"),
        ("x" * 60, "y" * 60, ""),
        ("\0", " ", ""),
        (None, None, ""),
    ],
)
def test_the_camera_has_its_maker_once(maker: object, model: object, camera: str) -> None:
    tags = exif(1)
    for tag, value in ((0x010F, maker), (0x0110, model)):
        if value is not None:
            tags[tag] = value
    assert traits(saved(scene(1), "JPEG", exif=tags)).camera == camera
