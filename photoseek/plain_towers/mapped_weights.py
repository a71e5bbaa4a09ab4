"""The weights in a safetensors file, mapped into memory: what is not used is not read."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8", "I64": "<i8", "I32": "<i4"}


class MappedWeights:
    """The tensors of one file by their names.

    Raises:
        ValueError: it is no safetensors file, is cut off, or has numbers of another type.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._state = path, _state(path)
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > path.stat().st_size:
                raise ValueError(f"{path} is no safetensors file")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        self._tensors: dict[str, dict[str, Any]] = header
        self._first = 8 + length
        self._bytes = np.memmap(path, np.uint8, "r", offset=self._first)
        ends = [tensor["data_offsets"][1] for tensor in self._tensors.values()]
        if max(ends, default=0) > self._bytes.size:
            raise ValueError(f"{path.name} is cut off: of its weights it lacks the end")
        for name in self._tensors:
            if self._stored(name).size != math.prod(self.shape(name)):
                raise ValueError(f"{path} does not hold all of {name}")

    def is_as_it_was(self) -> bool:
        """Whether nobody has written to the file, or put another one in its place."""
        try:
            return _state(self.path) == self._state
        except OSError:
            return False

    def names(self) -> list[str]:
        """What the tensors are called."""
        return list(self._tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor. Raises KeyError where there is none of that name."""
        return tuple(self._tensors[name]["shape"])

    def place(self, name: str) -> tuple[int, int] | None:
        """Where a tensor begins in the file, and how many bytes it has; None where it does not lie
        there in float32.
        """
        tensor = self._tensors[name]
        start, end = tensor["data_offsets"]
        return (self._first + start, end - start) if tensor["dtype"] == "F32" else None

    def first(self, name: str, count: int) -> NDArray[np.float32]:
        """The first values of a tensor."""
        return _float32(self._stored(name)[:count], self._tensors[name]["dtype"])

    def whole(self, name: str) -> NDArray[np.float32]:
        """A tensor; where it lies in its file as it is used, it is not copied."""
        return _float32(self._stored(name), self._tensors[name]["dtype"]).reshape(self.shape(name))

    def _stored(self, name: str) -> NDArray[Any]:
        """The numbers of a tensor, one after the other, as they lie in the file."""
        tensor = self._tensors[name]
        if tensor["dtype"] not in _TYPES:
            raise ValueError(f"{name} has numbers of the type {tensor['dtype']}")
        start, end = tensor["data_offsets"]
        stored: NDArray[Any] = np.asarray(self._bytes)[start:end].view(_TYPES[tensor["dtype"]])
        return stored


def _state(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def _float32(values: NDArray[Any], kind: str) -> NDArray[np.float32]:
    """Numbers as float32; bfloat16 is its upper half."""
    if kind == "BF16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32, copy=False)
