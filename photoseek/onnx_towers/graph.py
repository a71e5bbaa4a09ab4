"""ONNX models that are put together here, node by node, as the messages that they are.

Weights are given to the runtime beside a model: they stay where they lie.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photoseek.onnx_towers.onnx_files import (
    DATA_LOCATION,
    EXTERNAL_DATA,
    GRAPH,
    INITIALIZER,
    KEY,
    NAME,
    RAW_DATA,
    VALUE,
    Buffer,
    written,
    written_number,
)

OWN = "com.microsoft"
"""The domain of the operators that ONNX Runtime has beyond ONNX's."""

_VERSIONS = {"": 20, OWN: 1}
_FORMAT = 9
"""The oldest version of each that has all that is used here."""

_FLOAT, _INT64 = 1, 7
_OUTSIDE = 1

Attribute = int | float | str | Sequence[int]


class Graph:
    """A model of one input and one output that grows by a node at a time."""

    def __init__(self) -> None:
        self._parts: list[Buffer] = []
        self._count = 0

    def add(self, kind: str, *inputs: str, domain: str = "", **attributes: Attribute) -> str:
        """Add an operator; returns what its output is called."""
        return self.add_many(kind, 1, *inputs, domain=domain, **attributes)[0]

    def add_many(
        self, kind: str, outputs: int, *inputs: str, domain: str = "", **attributes: Attribute
    ) -> list[str]:
        """Add an operator with several outputs; returns what these are called."""
        made = [self._new_name() for _ in range(outputs)]
        parts = [part for name in inputs for part in _text(1, name)]
        parts += [part for name in made for part in _text(2, name)]
        parts += _text(4, kind)
        for name, value in attributes.items():
            parts += written(5, _attribute(name, value))
        self._parts += written(1, [*parts, *_text(7, domain)])
        return made

    def weight(self, name: str, shape: Sequence[int], file: str, start: int, length: int) -> str:
        """Name a weight of float32, which stays where it lies in a file; returns its name.

        `start` and `length` are bytes.
        """
        said = {"location": file, "offset": str(start), "length": str(length)}
        parts = _tensor(name, shape, _FLOAT)
        for key, value in said.items():
            parts += written(EXTERNAL_DATA, [*_text(KEY, key), *_text(VALUE, value)])
        parts.append(written_number(DATA_LOCATION, _OUTSIDE))
        self._parts += written(INITIALIZER, parts)
        return name

    def numbers(self, values: Sequence[int]) -> str:
        """Name a vector of whole numbers; returns its name."""
        name = self._new_name()
        tensor, raw = _tensor(name, (len(values),), _INT64), np.array(values, "<i8").tobytes()
        self._parts += written(INITIALIZER, [*tensor, *written(RAW_DATA, [raw])])
        return name

    def floats(self, values: NDArray[np.float32]) -> str:
        """Name a matrix that lies in the model itself; returns its name."""
        name = self._new_name()
        tensor, raw = _tensor(name, values.shape, _FLOAT), values.astype("<f4").tobytes()
        self._parts += written(INITIALIZER, [*tensor, *written(RAW_DATA, [raw])])
        return name

    def model(
        self,
        given: tuple[str, Sequence[int | str]],
        made: tuple[str, Sequence[int | str]],
        *,
        of_numbers: bool,
    ) -> bytes:
        """All of it as a file would hold it.

        Args:
            given: the name of the input, and its shape; a name in a shape is any length.
            made: the same of the output, which is a node's.
            of_numbers: whether the input is of whole numbers, and not of floats.
        """
        kind = _INT64 if of_numbers else _FLOAT
        graph = [*self._parts, *_text(2, "tower")]
        graph += [*_value(11, *given, kind), *_value(12, *made, _FLOAT)]
        parts: list[Buffer] = [written_number(1, _FORMAT), *written(GRAPH, graph)]
        for domain, version in _VERSIONS.items():
            parts += written(8, [*_text(1, domain), written_number(2, version)])
        return b"".join(parts)

    def _new_name(self) -> str:
        self._count += 1
        return f"made {self._count}"


def _text(number: int, text: str) -> list[Buffer]:
    return written(number, [text.encode()])


def _tensor(name: str, shape: Sequence[int], kind: int) -> list[Buffer]:
    sides = [written_number(1, side) for side in shape]
    return [*sides, written_number(2, kind), *_text(NAME, name)]


def _value(number: int, name: str, shape: Sequence[int | str], kind: int) -> list[Buffer]:
    sides: list[Buffer] = []
    for side in shape:
        sides += written(1, _text(2, side) if isinstance(side, str) else [written_number(1, side)])
    tensor = written(1, [written_number(1, kind), *written(2, sides)])
    return written(number, [*_text(1, name), *written(2, tensor)])


def _attribute(name: str, value: Attribute) -> list[Buffer]:
    named = _text(1, name)
    if isinstance(value, str):
        return [*named, *_text(4, value), written_number(20, 3)]
    if isinstance(value, float):  # which is written as four bytes, and not as a number
        return [*named, bytes([2 << 3 | 5]) + struct.pack("<f", value), written_number(20, 1)]
    if isinstance(value, int):
        return [*named, written_number(3, value), written_number(20, 2)]
    return [*named, *(written_number(8, each) for each in value), written_number(20, 7)]
