"""The fingerprints of millions of photos in little memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

PAGE = 250_000
"""Fingerprints that are given at once: 4 MB."""

_FINGERPRINT = re.compile("[0-9a-f]{32}")
_NOBODYS = "0" * 32
_ON_A_WIRE = ">u8"


@dataclass(frozen=True, slots=True)
class FingerprintPage:
    """Some fingerprints of a set in their order, 16 bytes each.

    Those behind the last one follow, which is `next_after`; where it is "" there are no more.
    """

    data: bytes
    next_after: str = ""


class Fingerprints:
    """A set of fingerprints, each 32 hex digits: 16 bytes for each."""

    def __init__(self, parts: Iterable[Sequence[str] | bytes]) -> None:
        """Of texts, what is no fingerprint is left out; bytes are those of pages."""
        numbers = np.concatenate([np.empty((0, 2), np.uint64), *map(_numbers, parts)])
        numbers = numbers[np.lexsort((numbers[:, 1], numbers[:, 0]))]
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

    def page(self, after: str = "", most: int = PAGE) -> FingerprintPage:
        """Those behind `after`, which need not be in here; the first ones where it is "".

        A page says nothing of the set that it is of, which may be another one for the next page:
        what is in both is on one of the pages.
        """
        start = self._place_behind(after) if after else 0
        halves = [half[start : start + most] for half in (self._first, self._second)]
        data = np.stack(halves, axis=1).astype(_ON_A_WIRE).tobytes()
        is_last = start + most >= len(self)
        return FingerprintPage(data, "" if is_last else data[-16:].hex())

    def _place_behind(self, fingerprint: str) -> int:
        [(first, second)] = _numbers([fingerprint])
        low, high = (int(self._first.searchsorted(first, side)) for side in ("left", "right"))
        return low + int(self._second[low:high].searchsorted(second, "right"))


def _numbers(fingerprints: Sequence[str] | bytes) -> Numbers:
    """Both halves of each as a number, shape (n, 2)."""
    if isinstance(fingerprints, bytes):
        return np.frombuffer(fingerprints, _ON_A_WIRE).astype(np.uint64).reshape(-1, 2)
    try:
        data = bytes.fromhex("".join(fingerprints))
    except ValueError:
        data = b""
    if len(data) != 16 * len(fingerprints):
        data = bytes.fromhex("".join(filter(_FINGERPRINT.fullmatch, fingerprints)))
    return _numbers(data)
