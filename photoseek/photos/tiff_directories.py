"""The directories of a TIFF: which of its pictures is the photo, and whether it is a raw one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from PIL.TiffTags import TAGS_V2_GROUPS

from photoseek.errors import DamagedPhotoError

MOST_PIECES = 500_000
"""Strips or tiles of a TIFF. Those of 16 x 16 pixels are 400,000 in 100 megapixels."""

MOST_NUMBERS = 100_000
"""Numbers that are read out of one directory of tags: each becomes an object of 40 to 300 bytes."""

MOST_DIRECTORIES = 32
"""Directories that are looked at. Previews come first, or right behind the photo."""

MOST_ENTRIES = 1_000
"""Entries of a directory by which it is judged; cameras write two hundred."""

_SUBFILE, _OLD_SUBFILE, _WIDTH, _HEIGHT, _PHOTOMETRIC, _SAMPLES = 254, 255, 256, 257, 262, 277
_STRIPS, _ROWS, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _CHILDREN, _DNG = (
    273, 278, 322, 323, 324, 330, 50706,
)  # fmt: skip
_KEPT_AS_BYTES = (1, 2, 7)
_LONG = (16, 17, 18)
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    **dict.fromkeys(_LONG, 8),
}
"""Bytes of a value of each type."""

_OF_SENSORS = (32803, 34892)
_MASK = 4


class Entry(NamedTuple):
    """What a directory says under one tag: the type, how many, the first that stands in it, and
    the bytes in it, which are the values or tell where they are.
    """

    type: int
    many: int
    value: int
    field: bytes


class Directory(NamedTuple):
    """One picture of a TIFF, and where the directory stands."""

    offset: int
    entries: dict[int, Entry]
    next: int

    def number(self, tag: int, default: int) -> int:
        """The only or first number of a tag."""
        return self.entries[tag].value if tag in self.entries else default

    @property
    def is_smaller_copy(self) -> bool:
        """Whether this says that it is a preview of another picture, or a mask for one."""
        kind = self.number(_SUBFILE, 0)
        return bool(kind & 1 or kind & _MASK) or self.number(_OLD_SUBFILE, 1) == 2

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.number(_WIDTH, 0) * self.number(_HEIGHT, 0)


def is_raw(data: bytes) -> bool:
    """Whether a TIFF is what a camera saved of its sensor, and its first picture a preview."""
    if data[8:10] == b"CR" or data[8:12] in (b"IIII", b"MMMM"):  # Canon; Phase One
        return True
    return any(
        _DNG in directory.entries or directory.number(_PHOTOMETRIC, 0) in _OF_SENSORS
        for directory in _all_directories(data)
    )


def photo_first(data: bytes) -> bytes:
    """A TIFF whose first picture is the photo, and not a preview that stands before it."""
    first, *others = _all_directories(data) or [Directory(0, {}, 0)]
    whole = [each for each in others if not each.is_smaller_copy and each.pixels]
    if first.is_smaller_copy and whole:
        order, is_big = _layout(data)
        at, form, end = (8, "Q", 16) if is_big else (4, "L", 8)
        offset = max(whole, key=lambda each: each.pixels).offset
        data = b"".join((data[:at], struct.pack(order + form, offset), data[end:]))
    return _classic(data) if data.startswith(b"MM\0+") else data


def check_tiff(data: bytes) -> None:
    """Refuse a TIFF with more pieces than its size has use for, or with EXIF that has no end.

    Raises:
        DamagedPhotoError: it is such a file.
    """
    first = _directory(data, _first(data))
    width, height = first.number(_WIDTH, 1), first.number(_HEIGHT, 1)
    for table, wide, high in (
        (_STRIPS, width, min(height, first.number(_ROWS, height))),
        (_TILES, first.number(_TILE_WIDTH, width), first.number(_TILE_HEIGHT, height)),
    ):
        listed = first.entries[table].many if table in first.entries else 0
        used = -(-width // max(1, wide)) * -(-height // max(1, high)) * first.number(_SAMPLES, 1)
        if listed > min(used, MOST_PIECES):
            raise DamagedPhotoError(
                f"TIFF picture lists {listed:,} pieces; one of its size has {used:,}, and at most "
                f"{MOST_PIECES:,} are read."
            )
    for tag in TAGS_V2_GROUPS.keys() & first.entries.keys():  # those that Pillow reads whole
        entries = _directory(data, first.entries[tag].value).entries.values()
        numbers = sum(entry.many for entry in entries if entry.type not in _KEPT_AS_BYTES)
        if numbers > MOST_NUMBERS:
            raise DamagedPhotoError(
                f"TIFF picture has {numbers:,} numbers in its EXIF, which no camera writes."
            )


def _all_directories(data: bytes) -> list[Directory]:
    """The directories of a file, one after the other, each with those below it behind it."""
    found: dict[int, Directory] = {}
    waiting = [_first(data)]
    while waiting and len(found) < MOST_DIRECTORIES:
        offset = waiting.pop()
        if not offset or offset in found:
            continue
        directory = found[offset] = _directory(data, offset, MOST_ENTRIES)
        waiting += [directory.next, *reversed(list(_children(data, directory)))]
    return list(found.values())


def _children(data: bytes, directory: Directory) -> Iterator[int]:
    entry = directory.entries.get(_CHILDREN)
    if entry is None:
        return
    order, _ = _layout(data)
    form, size = ("Q", 8) if entry.type in (16, 18) else ("L", 4)
    table = _values(data, entry, size * min(entry.many, MOST_DIRECTORIES))
    for [offset] in struct.iter_unpack(order + form, table[: len(table) // size * size]):
        yield offset


def _values(data: bytes, entry: Entry, size: int) -> bytes:
    """The bytes of the values of a tag, which are `size` bytes."""
    if size <= len(entry.field):
        return entry.field[:size]
    order, is_big = _layout(data)
    [start] = struct.unpack(order + ("Q" if is_big else "L"), entry.field)
    return data[start : start + size]


def _classic(data: bytes) -> bytes:
    """A big-endian BigTIFF, which Pillow does not know, as a TIFF of the usual kind.

    Its first directory is written once more, with short numbers in place of long ones, and
    without what is below it, or would take more room than the file: many tags may claim the same
    bytes.
    """
    first = _directory(data, _first(data))
    start = len(data) + len(data) % 2
    entries: list[tuple[int, Entry, int]] = []
    room = len(data)
    for tag, entry in sorted(first.entries.items()):
        size = _SIZES.get(entry.type, 0) * entry.many
        if 0 < size <= room and tag not in (*TAGS_V2_GROUPS, _CHILDREN):
            entries.append((tag, entry, size))
            room -= size
    at = start + 2 + 12 * len(entries) + 4
    listed, lists = [], []
    for tag, entry, size in entries:
        kind, body = entry.type, _values(data, entry, size)
        if kind in _LONG:
            whole = body[: len(body) // 8 * 8]
            numbers = (number & 0xFFFFFFFF for [number] in struct.iter_unpack(">Q", whole))
            kind, body = 4, b"".join(struct.pack(">L", number) for number in numbers)
        if len(body) <= 4:
            field = body.ljust(4, b"\0")
        else:
            field = struct.pack(">L", at)
            lists.append(body + bytes(len(body) % 2))
            at += len(lists[-1])
        listed.append(struct.pack(">HHL", tag, kind, entry.many) + field)
    parts = (b"MM\0*", struct.pack(">L", start), data[8:], bytes(len(data) % 2))
    return b"".join((*parts, struct.pack(">H", len(listed)), *listed, bytes(4), *lists))


def _layout(data: bytes) -> tuple[str, bool]:
    """The order of bytes, as `struct` has it, and whether numbers are those of a BigTIFF."""
    return "<" if data[:2] == b"II" else ">", data[2:4] in (b"+\0", b"\0+")


def _first(data: bytes) -> int:
    order, is_big = _layout(data)
    try:
        [offset] = struct.unpack_from(order + ("Q" if is_big else "L"), data, 8 if is_big else 4)
    except struct.error:
        return 0
    return int(offset)


def _directory(data: bytes, offset: int, most: int = 65_535) -> Directory:
    """The directory that stands somewhere, or the start of it; what is broken is left to Pillow."""
    order, is_big = _layout(data)
    pointer, head, form = ("Q", "Q", "HHQ8s") if is_big else ("L", "H", "HHL4s")
    entries: dict[int, Entry] = {}
    following = 0
    try:
        [count] = struct.unpack_from(order + head, data, offset)
        start, size = offset + struct.calcsize("=" + head), struct.calcsize("=" + form)
        for number in range(min(count, most)):
            tag, kind, many, value = struct.unpack_from(order + form, data, start + number * size)
            short = {1: "B", 3: "H", 16: "Q", 18: "Q"}.get(kind, "L")
            first = struct.unpack_from(order + short, value)[0]
            entries[tag] = Entry(kind, many, first, value)
        [following] = struct.unpack_from(order + pointer, data, start + count * size)
    except (struct.error, OverflowError):
        pass
    return Directory(offset, entries, following)
