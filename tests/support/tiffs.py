"""TIFF files of any kind, written by hand: Pillow writes few of the kinds that there are."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

Value = int | Sequence[int] | bytes


@dataclass(frozen=True)
class Page:
    """One picture: tags, its strips or tiles, and pictures below it.

    A number becomes a LONG, numbers SHORTs, bytes ASCII.
    """

    tags: dict[int, Value]
    pieces: Sequence[bytes] = ()
    children: Sequence[Page] = field(default_factory=tuple)


def page(pixels: NDArray[Any], photometric: int, **more: Value) -> Page:
    """The picture of an array, shape (height, width, channels), in one strip; t338=[2] is a tag."""
    height, width, channels = pixels.shape
    form = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    tags: dict[int, Value] = {
        256: width,
        257: height,
        258: [pixels.dtype.itemsize * 8] * channels,
        259: [1],
        262: [photometric],
        277: [channels],
        278: height,
        339: [form] * channels,
    }
    tags |= {int(name[1:]): value for name, value in more.items()}
    return Page(tags, [pixels.tobytes()])


def tiff(*pages: Page, order: str = "<", big: bool = False) -> bytes:
    """A file of these pictures, one after the other."""
    mark = {"<": b"II", ">": b"MM"}[order]
    version = struct.pack(order + "H", 43 if big else 42)
    out = bytearray(mark + version + (struct.pack(order + "HHQ", 8, 0, 0) if big else bytes(4)))
    link = 8 if big else 4
    pointer = "Q" if big else "L"
    for each in pages:
        start, following = _write(out, each, order, big)
        struct.pack_into(order + pointer, out, link, start)
        link = following
    return bytes(out)


def _write(out: bytearray, page: Page, order: str, big: bool) -> tuple[int, int]:
    """Append a picture; gives where its directory stands, and where the next one is named."""
    pointer, room = ("Q", 8) if big else ("L", 4)
    tags: dict[int, Value] = dict(page.tags)
    places = []
    for piece in page.pieces:
        places.append(len(out))
        out += piece + bytes(len(piece) % 2)
    sizes = [len(piece) for piece in page.pieces]
    longs: dict[int, Sequence[int]] = {}
    if places:
        longs |= {324: places, 325: sizes} if 322 in tags else {273: places, 279: sizes}
    if page.children:
        longs[330] = [_write(out, child, order, big)[0] for child in page.children]
    packed: dict[int, tuple[int, int, bytes]] = {}
    for tag, value in tags.items():
        if isinstance(value, int):
            packed[tag] = (4, 1, struct.pack(order + "L", value))
        elif isinstance(value, bytes):
            packed[tag] = (2, len(value), value)
        else:
            packed[tag] = (3, len(value), struct.pack(f"{order}{len(value)}H", *value))
    for tag, numbers in longs.items():
        packed[tag] = (4, len(numbers), struct.pack(f"{order}{len(numbers)}L", *numbers))
    for tag, (kind, count, body) in packed.items():
        if len(body) > room:
            packed[tag] = (kind, count, struct.pack(order + pointer, len(out)))
            out += body + bytes(len(body) % 2)
    start = len(out)
    out += struct.pack(order + ("Q" if big else "H"), len(packed))
    for tag, (kind, count, body) in sorted(packed.items()):
        out += struct.pack(order + "HH" + pointer, tag, kind, count) + body.ljust(room, b"\0")
    following = len(out)
    out += bytes(room)
    return start, following
