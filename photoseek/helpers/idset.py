"""Texts as keys of 64 bits, and millions of these in little memory."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

MERGED = 65_536
"""Keys that are kept in a set before they join the array."""


def key_of(text: str) -> int:
    """64 bits over a text, such as an id or a URL.

    Two texts of one library share them once in millions of libraries.
    """
    data = text.encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest())


def keys_of(texts: Iterable[str]) -> NDArray[np.uint64]:
    """The keys of many texts, in their order."""
    digests = [
        hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
        for text in texts
    ]
    return np.frombuffer(b"".join(digests), ">u8").astype(np.uint64)


class Seen:
    """A set of 64-bit keys that can only grow: 8 bytes each, where a `set` takes a hundred.

    Safe to use from threads.
    """

    def __init__(self, keys: Iterable[int] | NDArray[np.uint64] = ()) -> None:
        known = keys if isinstance(keys, np.ndarray) else np.fromiter(keys, np.uint64)
        self._sorted = np.unique(known)
        self._recent: set[int] = set()
        self._lock = threading.Lock()

    def add(self, key: int) -> None:
        """Add a key; one that is here already changes nothing."""
        with self._lock:
            if key not in self:
                self._recent.add(key)
                self._merge_many()

    def update(self, keys: NDArray[np.uint64]) -> None:
        """Add many keys at once."""
        with self._lock:
            self._recent.update(keys[~self.having(keys)].tolist())
            self._merge_many()

    def having(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of the keys are here, shape (keys,)."""
        # In this order, so that a key is found while another thread merges.
        recent = self._recent
        found = np.fromiter((key in recent for key in keys.tolist()), np.bool_, len(keys))
        if len(merged := self._sorted):
            places = np.minimum(merged.searchsorted(keys), len(merged) - 1)
            found |= merged[places] == keys
        return found

    def __contains__(self, key: int) -> bool:
        if key in self._recent:
            return True
        keys = self._sorted
        place = int(
            keys.searchsorted(np.uint64(key))
        )  # the method: the function takes thrice as long
        return place < len(keys) and int(keys[place]) == key

    def __len__(self) -> int:
        return len(self._sorted) + len(self._recent)

    def _merge_many(self) -> None:
        if len(self._recent) >= MERGED:
            new = np.sort(np.fromiter(self._recent, np.uint64))
            # In this order, so that a key is found at any moment without the lock.
            self._sorted = np.insert(self._sorted, np.searchsorted(self._sorted, new), new)
            self._recent = set()
