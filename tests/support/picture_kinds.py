"""Files of the kinds that Pillow does not write: Photoshop, raw pictures, odd bitmaps and TIFFs."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoseek.helpers.extras import has_extra
from tests.support.pictures import drawing, every_format, saved
from tests.support.tiffs import Page, Value, page, tiff


def psd(
    pixels: NDArray[np.unsignedinteger | np.floating],
    mode: int = 3,
    *,
    packed: bool = False,
    layers: int = 0,
    resources: bytes = b"",
    version: int = 1,
) -> bytes:
    """A document with this flat picture, shape (height, width, channels); a PSB of version 2."""
    long = "Q" if version == 2 else "L"
    height, width, channels = pixels.shape
    bits = pixels.dtype.itemsize * 8
    head = struct.pack(">4sH6xHLLHH", b"8BPS", version, channels, height, width, bits, mode)
    inner = struct.pack(f">{long}h", 2, layers) + bytes(100) if layers else b""
    body = struct.pack(">LL", 0, len(resources)) + resources
    body += struct.pack(f">{long}", len(inner)) + inner
    rows = [
        row.astype(row.dtype.newbyteorder(">")).tobytes()
        for plane in np.moveaxis(pixels, 2, 0)
        for row in plane
    ]
    if packed:
        rows = [_packed(row) for row in rows]
        counts = b"".join(struct.pack(">L" if version == 2 else ">H", len(row)) for row in rows)
        return head + body + b"\0\1" + counts + b"".join(rows)
    return head + body + b"\0\0" + b"".join(rows)


def _packed(row: bytes) -> bytes:
    """PackBits without any run: pieces of 128 bytes as they are."""
    pieces = [row[start : start + 128] for start in range(0, len(row), 128)]
    return b"".join(bytes([len(piece) - 1]) + piece for piece in pieces)


def bitmap(
    rows: np.ndarray, bits: int, masks: Iterable[int], size: int = 40, compression: int = 3
) -> bytes:
    """A file of numbers of `bits` bits from the top down, with the masks of their channels."""
    height, width = rows.shape
    body = rows.astype(f"<u{bits // 8}").tobytes()
    packed = b"".join(struct.pack("<I", mask) for mask in masks)
    head = struct.pack(
        "<IiiHHIIiiII", size, width, -height, 1, bits, compression, len(body), 0, 0, 0, 0
    )
    head += packed.ljust(size - 40, b"\0") if size > 40 else packed
    at = 14 + len(head)
    return b"BM" + struct.pack("<IHHI", at + len(body), 0, 0, at) + head + body


def dng(preview: bytes, size: tuple[int, int], orientation: int = 1, sensor: bool = True) -> bytes:
    """A raw picture: a tiny preview first, the sensor and the large preview below it."""
    width, height = size
    cells = np.zeros((height, width, 1), np.uint16)
    raw = page(cells, 32803, t254=0, t33421=[2, 2], t33422=b"\0\1\1\2", t50711=[1])
    tags: dict[int, Value] = {
        254: 1,
        256: width,
        257: height,
        258: [8] * 3,
        259: [7],
        262: [6],
        277: [3],
        278: height,
    }
    tiny = page(np.full((12, 16, 3), 40, np.uint8), 2, t254=1)
    words: dict[int, Value] = {
        271: b"Example\0",
        272: b"Example One\0",
        274: [orientation],
        50706: b"\1\4\0\0",
        50707: b"\1\1\0\0",
        50708: b"Example One\0",
    }
    children = [raw, Page(tags, [preview])] if sensor else [Page(tags, [preview])]
    return tiff(Page(tiny.tags | words, tiny.pieces, children))


def heic(picture: Image.Image | None = None, **options: object) -> bytes:
    import pillow_heif  # where the extra is installed

    buffer = io.BytesIO()
    file = pillow_heif.from_pillow(picture or drawing())
    file.save(buffer, quality=95, **options)
    return buffer.getvalue()


@cache
def every_kind() -> dict[str, bytes]:
    """One small file of each kind that is read with what is installed."""
    rgb = np.asarray(drawing())
    grey = np.asarray(drawing().convert("L"))
    jpeg = saved(drawing(), "JPEG")
    clear = Image.new("RGBA", (96, 64))
    frames = {"save_all": True, "append_images": [drawing().convert("RGBA")]}
    kinds = every_format() | {
        "jpeg without an end": jpeg[:-2],
        "progressive jpeg without an end": saved(drawing(), "JPEG", progressive=True)[:-2],
        "jpeg behind junk": b"\xef\xbb\xbf\n" + jpeg,
        "mpo": saved(drawing(), "MPO", save_all=True, append_images=[drawing()]),
        "gif that begins empty": saved(clear, "GIF", **frames),
        "webp that begins empty": saved(clear, "WEBP", lossless=True, **frames),
        "apng that begins empty": saved(clear, "PNG", **frames),
        "jpeg 2000": saved(drawing(), "JPEG2000"),
        "jpeg 2000 codestream": saved(drawing(), "JPEG2000", no_jp2=True, tile_size=(32, 32)),
        "photoshop": psd(rgb, packed=True),
        "deep photoshop": psd(rgb.astype(np.uint16) * 257, layers=-1),
        "odd bitmap": bitmap(grey.astype(np.uint32) << 4, 16, (0xF00, 0xF0, 0xF)),
        "clear bitmap": bitmap(rgb[..., 0].astype(np.uint32), 32, CLEAR, 124),
        "halves": tiff(page((rgb / 255).astype("f2"), 2)),
        "big-endian floats": tiff(page((rgb / 255).astype(">f4"), 2), order=">", big=True),
        "deep greys with alpha": tiff(page(np.dstack([grey, grey]).astype("u2"), 1, t338=[2])),
        "inks with alpha": tiff(page(np.dstack([rgb, grey, grey]), 5, t338=[2])),
        "tiff with previews": tiff(page(rgb[:8, :8], 2, t254=1), page(rgb, 2)),
    }
    if has_extra("raw"):
        kinds["raw"] = dng(jpeg, (96, 64), 6)
    if has_extra("heic"):
        kinds["heic"] = heic()
    return kinds


CLEAR = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
