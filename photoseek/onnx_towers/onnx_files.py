"""ONNX files, as far as weights are concerned: which there are, and where they lie.

An ONNX file is a message of protocol buffers. A few fields of it are all that is needed here, and
what is not known is handed on as it is, so no package has to be installed for them.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

Buffer = bytes | memoryview

GRAPH = 7
"""The field of a model that holds its graph."""
INITIALIZER = 5
"""The field of a graph that holds a tensor of weights, once for each."""
NAME, RAW_DATA, EXTERNAL_DATA, DATA_LOCATION = 8, 9, 13, 14
"""Fields of a tensor."""
KEY, VALUE = 1, 2
"""Fields of each entry of EXTERNAL_DATA."""

_MODEL, _GRAPH, _NODE, _ATTRIBUTE, _SPARSE, _FUNCTION, _TENSOR = range(7)
_INNER: dict[int, dict[int, int]] = {
    _MODEL: {GRAPH: _GRAPH, 25: _FUNCTION},
    _GRAPH: {1: _NODE, INITIALIZER: _TENSOR, 15: _SPARSE},
    _NODE: {5: _ATTRIBUTE},
    _ATTRIBUTE: {5: _TENSOR, 10: _TENSOR, 6: _GRAPH, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE},
    _SPARSE: {1: _TENSOR, 2: _TENSOR},
    _FUNCTION: {7: _NODE, 11: _ATTRIBUTE},
}
"""For each kind of message the fields that may have tensors in them, and the kind of each."""

_DEEPEST = 64
"""Messages within each other."""

PAGE = 4096
"""Bytes. Weights begin at a multiple of it, so that they can be used where they lie; what is
smaller stays in the model."""

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_LONGEST_NUMBER = 10


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message: its number, what it holds, and all of it as it is written."""

    number: int
    value: Buffer | int
    written: Buffer


def fields(message: Buffer) -> Iterator[Field]:
    """The fields of a message, in their order.

    Raises:
        ValueError: it is no message, or is cut off.
    """
    place, end, view = 0, len(message), memoryview(message)
    while place < end:
        start = place
        tag, place = _number(view, place)
        kind = tag & 7
        if kind == _VARINT:
            value, place = _number(view, place)
            yield Field(tag >> 3, value, view[start:place])
            continue
        if kind == _BYTES:
            length, place = _number(view, place)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError("it is no ONNX file")
        if length > end - place:
            raise ValueError("it is cut off, or no ONNX file")
        yield Field(tag >> 3, view[place : place + length], view[start : place + length])
        place += length


def written(number: int, parts: Sequence[Buffer]) -> list[Buffer]:
    """A field that holds these bytes, in parts to be written one after the other."""
    return [_varint(number << 3 | _BYTES), _varint(sum(map(len, parts))), *parts]


def written_number(number: int, value: int) -> bytes:
    """A field that holds a number."""
    return _varint(number << 3 | _VARINT) + _varint(value)


def move_weights_out(model: Buffer, source: Path, target: Path, data: BinaryIO) -> None:
    """Write a model to `target`, and its weights to `data`, a file that lies beside it.

    Weights in a file of their own are mapped into memory and shared between processes: what is not
    used of them is never read.

    Args:
        model: what an ONNX file holds.
        source: the folder that it was read from, in which its weights may lie too.
        target: where the model is written to.
        data: a new file, whose name the model will give for its weights.

    Raises:
        ValueError: it is no ONNX file.
    """
    name = Path(data.name).name.encode()
    parts: list[Buffer] = []
    for part in fields(model):
        if part.number != GRAPH:
            parts.append(part.written)
            continue
        graph: list[Buffer] = []
        for field in fields(_bytes(part)):
            is_tensor = field.number == INITIALIZER
            graph += _moved(field, source, name, data) if is_tensor else [field.written]
        parts += written(GRAPH, graph)
    with target.open("wb") as file:
        file.writelines(parts)


def _moved(field: Field, source: Path, name: bytes, data: BinaryIO) -> list[Buffer]:
    """A tensor as it is said where its numbers lie in the file of that name."""
    tensor = _bytes(field)
    rest: list[Buffer] = []
    raw: Buffer = b""
    for part in fields(tensor):
        if part.number == RAW_DATA:
            raw = _bytes(part)
        elif part.number not in (EXTERNAL_DATA, DATA_LOCATION):
            rest.append(part.written)
    if place := place_of(tensor):
        raw = (source / place).read_bytes()
    if len(raw) < PAGE:
        return [field.written]
    data.write(bytes(-data.tell() % PAGE))
    said = {b"location": name, b"offset": b"%d" % data.tell(), b"length": b"%d" % len(raw)}
    data.write(raw)
    for key, value in said.items():
        rest += written(EXTERNAL_DATA, [*written(KEY, [key]), *written(VALUE, [value])])
    return written(INITIALIZER, [*rest, written_number(DATA_LOCATION, 1)])


def weights_outside(path: Path) -> set[str]:
    """The names of the files that an ONNX file has weights in, as it writes them.

    Raises:
        ValueError: it is no ONNX file.
        OSError: it cannot be read.
    """
    if not path.stat().st_size:
        raise ValueError("it is empty")
    with path.open("rb") as file:
        model = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return {place for tensor in tensors(model) for place in places_of(tensor) if place}


def is_own_name(name: str) -> bool:
    """Whether a name is that of a file in the same folder, on every system."""
    return name not in ("", ".", "..") and not {*"/\\:\0"} & {*name}


def tensors(model: Buffer) -> Iterator[Buffer]:
    """The tensors of a model wherever they are, each as the message that it is: weights, and what
    nodes, graphs within these and functions hold.

    Raises:
        ValueError: it is no ONNX file.
    """
    yield from _tensors(model, _MODEL, _DEEPEST)


def _tensors(message: Buffer, kind: int, depth: int) -> Iterator[Buffer]:
    if kind == _TENSOR:
        yield message
        return
    if not depth:
        raise ValueError("it is no ONNX file")
    for part in fields(message):
        inner = _INNER[kind].get(part.number)
        if inner is not None:
            yield from _tensors(_bytes(part), inner, depth - 1)


def places_of(tensor: Buffer) -> list[str]:
    """All files that a tensor names; one that is sound names one, or none."""
    places = []
    for field in fields(tensor):
        if field.number == EXTERNAL_DATA:
            entry = {part.number: _bytes(part) for part in fields(_bytes(field))}
            if bytes(entry.get(KEY, b"")) == b"location":
                places.append(bytes(entry.get(VALUE, b"")).decode())
    return places


def place_of(tensor: Buffer) -> str:
    """The file that a tensor lies in; "" for the one that it is read from."""
    return next(iter(places_of(tensor)), "")


def _bytes(field: Field) -> Buffer:
    if isinstance(field.value, int):
        raise ValueError("it is no ONNX file")
    return field.value


def _number(view: memoryview, place: int) -> tuple[int, int]:
    """A number and the place behind it."""
    number = 0
    for shift, byte in enumerate(view[place : place + _LONGEST_NUMBER]):
        number |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return number, place + shift + 1
    raise ValueError("it is cut off, or no ONNX file")


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
