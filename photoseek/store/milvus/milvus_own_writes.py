"""What a process remembers of its own writes to a collection."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping

_REMEMBERED = 200_000


class OwnWrites:
    """The keys that were written by this process and not read since, for threads to share.

    To read what was just written waits until the server has caught up, up to half a second. An
    indexing run looks up photos that it has not written, which need not wait.
    """

    def __init__(self) -> None:
        self._keys: dict[str, int] = {}
        self._last = 0
        self._lock = threading.Lock()

    def next_time(self) -> int:
        """Now, in microseconds, and later than it ever was."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1_000)
            return self._last

    def add(self, keys: Iterable[str]) -> None:
        """Note keys that are about to be written."""
        with self._lock:
            self._last += 1
            self._keys.update(dict.fromkeys(keys, self._last))

    def among(self, keys: Iterable[str]) -> Mapping[str, int]:
        """Those of the keys that must be read as they were written, or all that there are where
        there are very many: then to read waits once, and they are forgotten.
        """
        with self._lock:
            if len(self._keys) > _REMEMBERED:
                return dict(self._keys)
            return {key: self._keys[key] for key in keys if key in self._keys}

    def seen(self, read: Mapping[str, int]) -> None:
        """Forget what `among` gave, now that it was read, where it was not written again."""
        with self._lock:
            for key, number in read.items():
                if self._keys.get(key) == number:
                    del self._keys[key]
