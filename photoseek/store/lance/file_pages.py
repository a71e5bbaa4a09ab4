"""Where the vectors of a Lance table stand in its files, for who reads them without Lance.

Lance documents these formats: https://lance.org/format/table and https://lance.org/format/file.
Its messages are read as far as needed. What is unlike what is expected is an error.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from photoseek.helpers.varints import read_varint
from photoseek.store.lance.addressed_rows import FILE_BITS

BYTES = 4
"""Of a number of a vector, which is a float32."""

_FOOTER = struct.Struct("<QQQIIHH4s")  # of a file of data
_MANIFEST_END = struct.Struct("<QHH4s")
_PLACE = struct.Struct("<QQ")
_LENGTH = struct.Struct("<I")
_MAGIC, _FORMAT = b"LANC", 2
_LAST_VERSION = 2**64 - 1  # a manifest is named by how far before it its version is
_MOST_BYTES = 64 << 20

_Fields = dict[int, list["int | bytes"]]


class FilePage(NamedTuple):
    """Vectors that stand one behind another: `first` is the address of the row of the first one."""

    file: Path
    offset: int
    rows: int
    first: int

    def only(self, row: int, dimensions: int) -> FilePage:
        """One of its rows, by its place in it."""
        return FilePage(self.file, self.offset + row * dimensions * BYTES, 1, self.first + row)


class UnknownFormatError(Exception):
    """Files are not as this module knows them."""


def pages_of(table: Path, version: int, column: str, dimensions: int) -> list[FilePage]:
    """The pages of a column of vectors of a version, in the order of their rows' addresses.

    Raises:
        UnknownFormatError: they are stored in another way.
        OSError: a file is gone.
    """
    try:
        manifest = _manifest(table, version)
        field = _field(manifest, column)
        files = [_file(_message(each), field) for each in manifest[2]]
        return [
            page
            for number, name, place in sorted(files)
            for page in _pages(table / "data" / name, place, number, dimensions)
        ]
    except (struct.error, LookupError, ValueError, TypeError) as fault:
        raise UnknownFormatError(str(table)) from fault


def _manifest(table: Path, version: int) -> _Fields:
    data = (table / "_versions" / f"{_LAST_VERSION - version:020}.manifest").read_bytes()
    start, _, _, magic = _MANIFEST_END.unpack(data[-_MANIFEST_END.size :])
    _expect(magic == _MAGIC)
    (length,) = _LENGTH.unpack_from(data, start)
    start += _LENGTH.size
    manifest = _message(data[start : start + length])
    _expect(manifest[3] == [version])
    return manifest


def _field(manifest: _Fields, name: str) -> int:
    """The number of a column of the table."""
    fields = map(_message, manifest[1])
    (number,) = (_one(each, 3, 0) for each in fields if each[2] == [name.encode()])
    return number


def _file(fragment: _Fields, field: int) -> tuple[int, str, int]:
    """The number of a fragment, the file of it that has a column, and the column's place there."""
    for file in map(_message, fragment[2]):
        numbers, places = _numbers(file.get(2, [])), _numbers(file.get(3, []))
        if field in numbers:
            _expect(_one(file, 4, 0) == _FORMAT and 7 not in file)  # 7: it stands elsewhere
            (name,) = file[1]
            _expect(isinstance(name, bytes))
            return _one(fragment, 1, 0), bytes(name).decode(), places[numbers.index(field)]
    raise LookupError(field)


def _pages(path: Path, place: int, number: int, dimensions: int) -> Iterator[FilePage]:
    """The pages of a column of a file, of which each has one buffer, as large as its vectors."""
    size = path.stat().st_size
    with path.open("rb") as file:
        end = _read(file, size - _FOOTER.size, _FOOTER.size)
        _, columns, _, _, _, major, _, magic = _FOOTER.unpack(end)
        _expect(magic == _MAGIC and major == _FORMAT)
        at = _PLACE.unpack(_read(file, columns + _PLACE.size * place, _PLACE.size))
        column = _message(_read(file, *at))
    first = number << FILE_BITS
    for page in map(_message, column[2]):
        rows = _one(page, 3, 0)
        (offset,), (length,) = _numbers(page[1]), _numbers(page[2])
        _expect(length == rows * dimensions * BYTES and offset + length <= size)
        yield FilePage(path, offset, rows, first)
        first += rows


def _read(file: BinaryIO, start: int, length: int) -> bytes:
    _expect(start >= 0 and length <= _MOST_BYTES)
    file.seek(start)
    return file.read(length)


def _message(data: int | bytes) -> _Fields:
    """The fields of a message of Protocol Buffers by their numbers."""
    if isinstance(data, int):
        raise TypeError("a number where a message is expected")
    fields: _Fields = {}
    place = 0
    while place < len(data):
        key, place = read_varint(data, place)
        kind = key & 7
        value: int | bytes
        if kind == 0:
            value, place = read_varint(data, place)
        else:
            length = {1: 8, 5: 4}.get(kind)
            if length is None:
                _expect(kind == 2)
                length, place = read_varint(data, place)
            value, place = data[place : place + length], place + length
        fields.setdefault(key >> 3, []).append(value)
    _expect(place == len(data))
    return fields


def _one(fields: _Fields, number: int, default: int) -> int:
    """A number of a message; those that are 0 are left out of it."""
    (value,) = fields.get(number, [default])
    if not isinstance(value, int):
        raise TypeError("a message where a number is expected")
    return value


def _numbers(values: list[int | bytes]) -> list[int]:
    """Numbers that stand in a message one by one or packed."""
    numbers: list[int] = []
    for value in values:
        if isinstance(value, int):
            numbers.append(value)
            continue
        place = 0
        while place < len(value):
            number, place = read_varint(value, place)
            numbers.append(number)
    return numbers


def _expect(holds: bool) -> None:
    if not holds:
        raise UnknownFormatError
