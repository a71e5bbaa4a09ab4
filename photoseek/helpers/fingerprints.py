"""The fingerprints of millions of photos in little memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

_FINGERPRINT = re.compile("[0-9a-f]{32}")
_NOBODYS = "0" * 32


class Fingerprints:
    """A set of fingerprints, each 32 hex digits: 16 bytes for each."""

    def __init__(self, parts: Iterable[Sequence[str]]) -> None:
        """What is no fingerprint is left out."""
        numbers = np.concatenate([np.empty((0, 2), np.uint64), *map(_numbers, parts)])
        numbers = numbers[np.argsort(numbers[:, 0])]
        self._first = np.ascontiguousarray(numbers[:, 0])
        self._second = np.ascontiguousarray(numbers[:, 1])

    def __len__(self) -> int:
        return len(self._first)

    def among(self, fingerprints: Sequence[str]) -> list[bool]:
        """Which of the fingerprints are in here; "" is not.

        Of two in here with the same first half only one is found, which costs a question.
        """
        if not len(self):
            return [False] * len(fingerprints)
        numbers = _numbers([each or _NOBODYS for each in fingerprints])
        places = np.minimum(self._first.searchsorted(numbers[:, 0]), len(self) - 1)
        found = self._first[places] == numbers[:, 0]
        found &= self._second[places] == numbers[:, 1]
        found &= (numbers != 0).any(axis=1)
        return list(map(bool, found.tolist()))


def _numbers(fingerprints: Sequence[str]) -> Numbers:
    """Both halves of each as a number, shape (n, 2)."""
    try:
        data = bytes.fromhex("".join(fingerprints))
    except ValueError:
        data = b""
    if len(data) != 16 * len(fingerprints):
        data = bytes.fromhex("".join(filter(_FINGERPRINT.fullmatch, fingerprints)))
    return np.frombuffer(data, ">u8").astype(np.uint64).reshape(-1, 2)
