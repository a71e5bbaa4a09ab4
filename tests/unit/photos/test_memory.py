"""Files that are small and claim much: refused by their headers, before memory is taken."""

from __future__ import annotations

import contextlib
import io
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photoseek.errors import DamagedPhotoError, OversizedPhotoError, PhotoError
from photoseek.helpers.extras import has_extra
from photoseek.photos import ImageLimits, InputShape, SharedMemory, decode, recognise
from tests.support.picture_kinds import heic, psd
from tests.support.pictures import (
    SHAPE,
    chunk,
    drawing,
    png_header,
    saved,
    tiff_header,
)
from tests.support.tiffs import Page, page, tiff
from tests.support.waiting import PATIENCE, wait_until

ROOT = Path(__file__).parents[3]
LIMITS = ImageLimits()


@pytest.mark.parametrize(("width", "height"), [(1, 90_000_000), (90_000_000, 1), (65_536, 1)])
def test_a_side_has_a_limit(width: int, height: int) -> None:
    data = png_header(width, height) + chunk(b"IDAT", b"x")
    with pytest.raises(OversizedPhotoError) as caught:
        decode(data, SHAPE, LIMITS)
    assert str(caught.value) == (
        f"Image is {width:,} x {height:,} pixels; a side may have 65,535 at most. "
        "Cut it into pieces, or make it smaller."
    )
    with pytest.raises(OversizedPhotoError, match="65,535 at most"):
        recognise(data, LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        tiff_header({256: 1, 257: 70_000}),
        tiff_header({256: 16, 257: 16, 322: 16, 323: 70_000}),
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 100, 0, 54, 40, 70_000, 1, 1, 24, *[0] * 6),
    ],
    ids=["TIFF", "tile", "BMP"],
)
def test_a_side_has_a_limit_in_every_format_that_could_be_longer(data: bytes) -> None:
    with pytest.raises(OversizedPhotoError, match="a side may have 65,535 at most"):
        decode(data, SHAPE, LIMITS)


@pytest.mark.parametrize("shape", [SHAPE, InputShape(224), InputShape(384, "squash")])
@pytest.mark.parametrize("size", [(20_000, 1), (1, 20_000), (1, 65_535), (65_535, 1), (60_000, 20)])
def test_long_pictures_below_the_limit_are_read(size: tuple[int, int], shape: InputShape) -> None:
    for form in ("PNG", "JPEG", "TIFF"):
        if form == "JPEG" and max(size) > 65_500:  # more than libjpeg writes
            continue
        photo = decode(saved(Image.new("RGB", size, "red"), form), shape, LIMITS)
        assert (photo.width, photo.height) == size
        assert photo.traits.colours == ("red",)


SIDE = 2_000
"""Of pictures whose memory is measured: enough that what Python itself takes hardly counts."""


def large(mode: str) -> Image.Image:
    grey = Image.linear_gradient("L").resize((SIDE, SIDE))
    return Image.merge("RGB", (grey, grey.rotate(180), grey)).convert(mode)


def numbers(mode: str, kind: type[np.generic]) -> NDArray[Any]:
    """The same picture as an array, shape (height, width, channels)."""
    pixels = np.asarray(large(mode)).astype(kind)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def tiff_of(pixels: NDArray[Any], photometric: int, **more: Any) -> bytes:
    plain = page(pixels, photometric, **more)
    return tiff(Page(plain.tags | {259: [8]}, [zlib.compress(plain.pieces[0], 1)]))


def film(form: str, **options: Any) -> bytes:
    frames = [large("RGBA"), large("RGBA").rotate(90)]
    clear = Image.new("RGBA", (SIDE, SIDE))
    return saved(clear, form, save_all=True, append_images=frames, **options)


LARGE: dict[str, Callable[[], bytes]] = {
    "png": lambda: saved(large("RGB"), "PNG", compress_level=1),
    "grey png": lambda: saved(large("L"), "PNG", compress_level=1),
    "palette png": lambda: saved(large("P"), "PNG", transparency=3),
    "see-through png": lambda: saved(large("RGBA"), "PNG", compress_level=1),
    "grey see-through png": lambda: saved(large("LA"), "PNG", compress_level=1),
    "16-bit png": lambda: saved(
        Image.fromarray(np.asarray(large("L")).astype(np.uint16) * 257), "PNG"
    ),
    "jpeg": lambda: saved(large("RGB"), "JPEG"),
    "progressive jpeg": lambda: saved(large("RGB"), "JPEG", progressive=True, subsampling=0),
    "cmyk jpeg": lambda: saved(large("CMYK"), "JPEG", progressive=True),
    "webp": lambda: saved(large("RGB"), "WEBP", method=0),
    "lossless webp": lambda: saved(large("RGBA"), "WEBP", lossless=True, method=0),
    "gif": lambda: saved(large("P"), "GIF"),
    "animated gif": lambda: saved(
        large("P"), "GIF", save_all=True, append_images=[large("P").rotate(90)], disposal=2
    ),
    "avif": lambda: saved(large("RGB"), "AVIF", speed=10),
    "see-through avif": lambda: saved(large("RGBA"), "AVIF", speed=10, subsampling="4:4:4"),
    "bmp": lambda: saved(large("RGB"), "BMP"),
    "float tiff": lambda: saved(large("F"), "TIFF", compression="tiff_lzw"),
    "lab tiff": lambda: saved(large("LAB"), "TIFF"),
    "one-strip tiff": lambda: saved(large("RGB"), "TIFF", compression="tiff_lzw", strip_size=10**9),
    "jpeg tiff": lambda: saved(large("RGB"), "TIFF", compression="jpeg"),
    "tiff of halves": lambda: tiff_of(numbers("RGB", np.float16), 2),
    "tiff of inks with alpha": lambda: tiff_of(
        np.dstack([numbers("CMYK", np.uint8), numbers("L", np.uint8)]), 5, t338=[2]
    ),
    "photoshop": lambda: psd(numbers("CMYK", np.uint8), 4, packed=True),
    "deep photoshop": lambda: psd(numbers("RGBA", np.uint16), layers=-1),
    "jpeg 2000": lambda: saved(large("RGB"), "JPEG2000", quality_layers=[40]),
    "jpeg without an end": lambda: saved(large("RGB"), "JPEG", progressive=True)[:-2],
    "gif that begins empty": lambda: film("GIF", disposal=3),
    "apng that begins empty": lambda: film("PNG", disposal=2, compress_level=1),
}
if has_extra("heic"):
    LARGE["heic"] = lambda: heic(large("RGBA"), enc_params={"preset": "ultrafast"})

MEASURE = """
import os, re, sys
from contextlib import nullcontext
from pathlib import Path
from photoseek.photos import ImageLimits, InputShape, decode

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

for name in sys.argv[1:]:
    decode(Path(name, "small").read_bytes(), InputShape(224), ImageLimits())  # imports, tables
for name in sys.argv[1:]:
    for shape in (InputShape(224), InputShape(384, "squash")):
        if pid := os.fork():  # a process of its own has a peak of its own
            assert not os.waitpid(pid, 0)[1]
            continue
        data = Path(name, "large").read_bytes()
        asked = []
        before = peak()
        decode(data, shape, ImageLimits(), room=lambda size: asked.append(size) or nullcontext())
        print(peak() - before, *asked, flush=True)
        os._exit(0)
"""


def small_like(data: bytes) -> bytes:
    """A small picture of the same format, where Pillow knows it."""
    with contextlib.suppress(OSError, KeyError):
        return saved(drawing(), str(Image.open(io.BytesIO(data)).format))
    return saved(drawing(), "PNG")


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[int], list[int]]]:
    """Of each of `LARGE` and for each of two shapes, the memory that decoding it takes, and then
    all that it asks for meanwhile.
    """
    folders = []
    for name, draw in LARGE.items():
        folder = tmp_path_factory.mktemp(name)
        data = draw()
        (folder / "large").write_bytes(data)
        (folder / "small").write_bytes(small_like(data))
        folders.append(folder)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *folders],
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    sizes = [[int(size) for size in line.split()] for line in done.stdout.splitlines()]
    return dict(zip(LARGE, zip(sizes[::2], sizes[1::2], strict=True), strict=True))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", LARGE)
def test_no_picture_takes_more_memory_than_it_asked_for(
    name: str, taken: dict[str, tuple[list[int], list[int]]]
) -> None:
    for size, *asked in taken[name]:
        [asked_for] = asked
        assert size <= asked_for + 24_000_000, f"asked for {asked_for:,}"
        assert size > 1_000_000  # it was measured


def directory(entries: list[tuple[int, int, int, int]], after: bytes) -> bytes:
    """A TIFF with these tags (tag, type, count, value), and bytes that follow its directory."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + b"\0" * 4 + after


PLAIN = [(258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]


def test_a_picture_that_would_take_more_than_is_allowed_is_refused() -> None:
    table = struct.pack("<I", 8) * 4096  # 300 bytes of memory for each tile of one pixel
    tags = [(256, 4, 1, 64), (257, 4, 1, 64), (322, 4, 1, 1), (323, 4, 1, 1)]
    data = directory([*PLAIN, *tags, (324, 4, 4096, 8 + 2 + 12 * 9 + 4)], table)
    assert decode(data, SHAPE, LIMITS).width == 64
    with pytest.raises(OversizedPhotoError, match=r"TIFF picture would take 1 MB of memory"):
        decode(data, SHAPE, ImageLimits(max_megabytes=0.02, max_megapixels=0.0041))


def test_tiff_with_a_table_of_more_pieces_than_it_has_use_for() -> None:
    many = 300_000
    start = 8 + 2 + 12 * 9 + 4
    table = struct.pack("<I", 8) * many
    tiles = [(256, 4, 1, 64), (257, 4, 1, 64), (322, 4, 1, 16), (323, 4, 1, 16)]
    with pytest.raises(DamagedPhotoError, match="lists 300,000 pieces; one of its size has 16"):
        decode(directory([*PLAIN, *tiles, (324, 4, many, start)], table), SHAPE, LIMITS)
    tiny = [(256, 4, 1, 6_000), (257, 4, 1, 6_000), (322, 4, 1, 1), (323, 4, 1, 1)]
    with pytest.raises(DamagedPhotoError, match="at most 500,000 are read"):
        decode(directory([*PLAIN, *tiny, (324, 4, 600_000, start)], table * 2), SHAPE, LIMITS)


def test_tiff_with_numbers_without_end_in_its_exif() -> None:
    many, start = 200_000, 8 + 2 + 12 * 8 + 4
    entries = [*PLAIN, (256, 4, 1, 10), (257, 4, 1, 10), (273, 4, 1, 8), (34665, 4, 1, start)]
    exif = struct.pack("<HHHIII", 1, 0x9999, 5, many, start + 18, 0)
    with pytest.raises(DamagedPhotoError, match="200,000 numbers in its EXIF"):
        decode(directory(entries, exif + struct.pack("<II", 1, 3) * many), SHAPE, LIMITS)


def test_jpeg_with_endless_pieces_of_exif() -> None:
    data = saved(drawing(), "JPEG")
    piece = b"\xff\xe1" + struct.pack(">H", 9) + b"Exif\0\0x"
    decode(data[:2] + piece * 10 + data[2:], SHAPE, LIMITS)
    other = b"\xff\xe5" + struct.pack(">H", 3) + b"x"
    hidden = b"\xff\xc8\xff\xff"  # a marker whose length Pillow does not believe
    for pieces in (piece * 1_000, other * 5_000, hidden + piece * 1_000):
        with pytest.raises(DamagedPhotoError, match="thousands of segments"):
            decode(data[:2] + pieces + data[2:], SHAPE, LIMITS)


def test_scans_of_a_film_behind_a_photo_are_not_counted() -> None:
    data = saved(drawing(), "JPEG", progressive=True)
    assert decode(data + b"\xff\xda" * 500, SHAPE, LIMITS).width == 96


def test_jpeg_of_endless_scans_that_is_not_progressive() -> None:
    """One component in each scan, so that all of them are kept until the last has come."""
    data = saved(drawing(), "JPEG")
    start = data.rindex(b"\xff\xda")
    scan = b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 0, 63, 0) + b"\0" * 8
    with pytest.raises(DamagedPhotoError, match="more than 100 scans"):
        decode(data[:start] + scan * 200 + data[-2:], SHAPE, LIMITS)


def test_png_that_is_all_chunks() -> None:
    data = saved(drawing(), "PNG")
    with pytest.raises(DamagedPhotoError, match="more than 200,000 chunks"):
        decode(data[:33] + chunk(b"abCd", b"") * 200_000 + data[33:], SHAPE, LIMITS)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RecursionError("deep"), OverflowError("wide"), UserWarning("odd"),
     AssertionError(), NotImplementedError("later"), AttributeError("none"), KeyError("tag")],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("step", ["load", "resize", "transpose", "save", "getexif"])
def test_whatever_is_raised_belongs_to_the_photo(
    step: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    data = saved(drawing(), "JPEG", exif=tags)

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Image.Image, step, fail)
        patched.setattr("PIL.ImageFile.ImageFile.load", fail) if step == "load" else None
        # What is broken beside the pixels may be passed over.
        allowed = contextlib.suppress if step == "getexif" else pytest.raises
        with allowed(PhotoError):
            decode(data, SHAPE, LIMITS)


def test_large_pictures_wait_for_one_another_and_small_ones_do_not() -> None:
    memory = SharedMemory(100_000_000)
    order: list[str] = []
    first_in, leave = threading.Event(), threading.Event()

    def enter(name: str, size: int, until: threading.Event | None = None) -> threading.Thread:
        def work() -> None:
            with memory.room(size):
                order.append(name)
                if until is not None:
                    first_in.set()
                    assert until.wait(PATIENCE)

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    threads = [enter("first", 80_000_000, leave)]
    assert first_in.wait(PATIENCE)
    assert memory.is_free(1_000_000)
    assert not memory.is_free(40_000_000)
    threads.append(enter("second", 90_000_000))
    wait_until(lambda: memory.waiting == 1, "the second to stand in the queue")
    threads.append(enter("third", 40_000_000))
    wait_until(lambda: memory.waiting == 2, "the third to stand behind it")
    with memory.room(1_000_000):
        order.append("small")
    assert order == ["first", "small"]
    leave.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["first", "small", "second", "third"]
    assert memory.is_free(100_000_000)


def test_a_picture_gives_its_memory_back_when_it_is_broken() -> None:
    memory = SharedMemory(LIMITS.memory)
    data = saved(Image.effect_noise((4_000, 3_000), 50).convert("RGB"), "PNG", compress_level=1)
    for _ in range(3):
        with pytest.raises(DamagedPhotoError):
            decode(data[: len(data) // 2], SHAPE, LIMITS, room=memory.room)
    assert memory.is_free(LIMITS.memory)
